/* eglantine-probe: says as JSON what of EGL, GLX, Vulkan and OpenCL works here, and how fast a small scene is drawn. Opens no driver itself:
 * each answer comes from a process of its own (child.c). For the agent's doctor, supervisor/graphics, and whoever asks.
 * Next: egl.c, glx.c, vulkan.c, opencl.c, gl_scene.c, vulkan_scene.c. */
#include "probe.h"

#include <stdlib.h>
#include <string.h>

#include "egl.h"

static const char USAGE[] =
    "Usage: eglantine-probe egl | glx | vulkan | opencl\n"
    "       eglantine-probe gl-scene [--egl N] [--seconds S] [--size WxH] [--ppm FILE]\n"
    "       eglantine-probe vulkan-scene [--seconds S] [--size WxH] [--ppm FILE]\n"
    "\n"
    "Prints one JSON object; what does not work is told in its \"error\". glx looks at $DISPLAY.\n";

void egl_report(FILE *out) { egl_list(out); }

static bool read_scene(struct scene *scene, int argc, char **argv) {
  for (int i = 0; i + 1 < argc; i += 2) {
    const char *value = argv[i + 1];
    char *end = NULL;
    if (strcmp(argv[i], "--egl") == 0) {
      scene->egl = (int)strtol(value, &end, 10);
      if (end == value || *end != 0 || scene->egl < 0) return false;
    } else if (strcmp(argv[i], "--seconds") == 0) {
      scene->seconds = strtod(value, &end);
      if (end == value || *end != 0 || !(scene->seconds >= 0.05 && scene->seconds <= 60)) return false;
    } else if (strcmp(argv[i], "--size") == 0) {
      char after;
      if (sscanf(value, "%dx%d%c", &scene->width, &scene->height, &after) != 2) return false;
      if (scene->width < 16 || scene->height < 16 || scene->width > 8192 || scene->height > 8192) return false;
    } else if (strcmp(argv[i], "--ppm") == 0) {
      scene->ppm = value;
    } else {
      return false;
    }
  }
  return argc % 2 == 0;
}

int main(int argc, char **argv) {
  struct scene scene = {.egl = -1, .seconds = 1, .width = 1280, .height = 720};
  const char *what = argc > 1 ? argv[1] : "";
  if (strcmp(what, "--help") == 0) {
    fputs(USAGE, stdout);
    return 0;
  }
  static const struct {
    const char *name;
    void (*report)(FILE *out);
  } plain[] = {{"egl", egl_report}, {"glx", glx_report}, {"vulkan", vulkan_report}, {"opencl", opencl_report}};
  for (size_t i = 0; argc == 2 && i < sizeof plain / sizeof *plain; i++)
    if (strcmp(what, plain[i].name) == 0) {
      plain[i].report(stdout);
      return putchar('\n') == EOF;
    }
  const bool is_gl = strcmp(what, "gl-scene") == 0;
  if ((!is_gl && strcmp(what, "vulkan-scene") != 0) || !read_scene(&scene, argc - 2, argv + 2)) {
    fputs(USAGE, stderr);
    return 2;
  }
  (is_gl ? gl_scene_report : vulkan_scene_report)(stdout, &scene);
  return putchar('\n') == EOF;
}
