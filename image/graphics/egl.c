/* EGL devices: which there are, what drives them, whether that is hardware. From: probe.c (`egl`), gl_scene.c. Each device's driver is
 * started in a process of its own (child.c). */
#define _GNU_SOURCE
#include "egl.h"

#include <GL/gl.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "library.h"

/* Not in Debian 12's header. */
#ifndef EGL_DRM_RENDER_NODE_FILE_EXT
#define EGL_DRM_RENDER_NODE_FILE_EXT 0x3377
#endif

static bool has_word(const char *words, const char *word) {
  const size_t length = strlen(word);
  for (const char *at = words; at != NULL && (at = strstr(at, word)) != NULL; at += length)
    if ((at == words || at[-1] == ' ') && (at[length] == ' ' || at[length] == 0)) return true;
  return false;
}

static bool fail(struct egl *egl, char why[WHY_BYTES], const char *what) {
  snprintf(why, WHY_BYTES, "%s failed (EGL error 0x%04x)", what, egl->getError());
  return false;
}

bool egl_open(struct egl *egl, char why[WHY_BYTES]) {
  memset(egl, 0, sizeof *egl);
  if (!library_open("libEGL.so.1", why, WHY_BYTES)) return false;
  egl->getProcAddress = library_function("eglGetProcAddress");
  egl->queryString = library_function("eglQueryString");
  egl->initialize = library_function("eglInitialize");
  egl->bindAPI = library_function("eglBindAPI");
  egl->chooseConfig = library_function("eglChooseConfig");
  egl->createContext = library_function("eglCreateContext");
  egl->createPbufferSurface = library_function("eglCreatePbufferSurface");
  egl->makeCurrent = library_function("eglMakeCurrent");
  egl->getError = library_function("eglGetError");
  egl->queryDevices = (PFNEGLQUERYDEVICESEXTPROC)egl->getProcAddress("eglQueryDevicesEXT");
  egl->queryDeviceString = (PFNEGLQUERYDEVICESTRINGEXTPROC)egl->getProcAddress("eglQueryDeviceStringEXT");
  egl->getPlatformDisplay = (PFNEGLGETPLATFORMDISPLAYEXTPROC)egl->getProcAddress("eglGetPlatformDisplayEXT");
  const char *extensions = egl->queryString(EGL_NO_DISPLAY, EGL_EXTENSIONS);
  const bool lists = has_word(extensions, "EGL_EXT_device_base") || has_word(extensions, "EGL_EXT_device_enumeration");
  if (!lists || !has_word(extensions, "EGL_EXT_platform_device")) {
    snprintf(why, WHY_BYTES, "libEGL lists no devices (EGL_EXT_device_enumeration, EGL_EXT_platform_device): is a driver for it installed?");
    return false;
  }
  if (!egl->queryDevices(EGL_DEVICES, egl->devices, &egl->count)) return fail(egl, why, "eglQueryDevicesEXT");
  return true;
}

bool egl_start(struct egl *egl, int device, char why[WHY_BYTES]) {
  if (device < 0 || device >= egl->count) {
    snprintf(why, WHY_BYTES, "there is no EGL device %d (%d are there)", device, egl->count);
    return false;
  }
  egl->display = egl->getPlatformDisplay(EGL_PLATFORM_DEVICE_EXT, egl->devices[device], NULL);
  if (egl->display == EGL_NO_DISPLAY) return fail(egl, why, "eglGetPlatformDisplay");
  EGLint major, minor;
  return egl->initialize(egl->display, &major, &minor) || fail(egl, why, "eglInitialize");
}

bool egl_make_context(struct egl *egl, int version, char why[WHY_BYTES]) {
  const EGLint wanted[] = {EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_NONE};
  const EGLint any[] = {EGL_NONE};
  const EGLint attributes[] = {EGL_CONTEXT_MAJOR_VERSION, version / 10, EGL_CONTEXT_MINOR_VERSION, version % 10,
                               EGL_CONTEXT_OPENGL_PROFILE_MASK, EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT, EGL_NONE};
  const EGLint size[] = {EGL_WIDTH, 1, EGL_HEIGHT, 1, EGL_NONE};
  EGLConfig config;
  EGLint count = 0;
  if (!egl->bindAPI(EGL_OPENGL_API)) return fail(egl, why, "eglBindAPI (OpenGL)");
  if (!egl->chooseConfig(egl->display, wanted, &config, 1, &count) || count == 0) return fail(egl, why, "eglChooseConfig");
  EGLContext context = egl->createContext(egl->display, config, EGL_NO_CONTEXT, version == 0 ? any : attributes);
  if (context == EGL_NO_CONTEXT) return fail(egl, why, "eglCreateContext");
  EGLSurface surface = egl->createPbufferSurface(egl->display, config, size);
  if (surface == EGL_NO_SURFACE) return fail(egl, why, "eglCreatePbufferSurface");
  return egl->makeCurrent(egl->display, surface, surface, context) || fail(egl, why, "eglMakeCurrent");
}

bool is_software_renderer(const char *renderer) {
  static const char *const names[] = {"llvmpipe", "softpipe", "swrast", "lavapipe", "SWR ", "Software Rasterizer", "Basic Render Driver"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcasestr(renderer, names[i]) != NULL) return true;
  return false;
}

/* The device files come first, one process for all, then a driver each. */
struct listed {
  char drm[64], render[64];
  bool is_software;
};

static void copy(char *to, size_t bytes, const char *from) { snprintf(to, bytes, "%s", from != NULL ? from : ""); }

/* A line for each device, or "!" and why there is no list. */
static void list_devices(FILE *out, const void *about) {
  (void)about;
  struct egl egl;
  char why[WHY_BYTES];
  if (!egl_open(&egl, why)) {
    fprintf(out, "!%s", why);
    return;
  }
  for (int i = 0; i < egl.count; i++) {
    struct listed device = {0};
    const char *extensions = egl.queryDeviceString(egl.devices[i], EGL_EXTENSIONS);
    if (has_word(extensions, "EGL_EXT_device_drm"))
      copy(device.drm, sizeof device.drm, egl.queryDeviceString(egl.devices[i], EGL_DRM_DEVICE_FILE_EXT));
    if (has_word(extensions, "EGL_EXT_device_drm_render_node"))
      copy(device.render, sizeof device.render, egl.queryDeviceString(egl.devices[i], EGL_DRM_RENDER_NODE_FILE_EXT));
    fprintf(out, "%d\t%s\t%s\n", has_word(extensions, "EGL_MESA_device_software"), device.drm, device.render);
  }
}

static void list_one(FILE *out, const void *about) {
  const int index = *(const int *)about;
  struct egl egl;
  char why[WHY_BYTES];
  const char *vendor = NULL, *renderer = NULL, *version = NULL;
  bool is_fine = egl_open(&egl, why) && egl_start(&egl, index, why);
  if (is_fine) {
    vendor = egl.queryString(egl.display, EGL_VENDOR);
    is_fine = egl_make_context(&egl, 0, why);
  }
  if (is_fine) {
    const GLubyte *(*getString)(GLenum) = (const GLubyte *(*)(GLenum))egl.getProcAddress("glGetString");
    vendor = (const char *)getString(GL_VENDOR);
    renderer = (const char *)getString(GL_RENDERER);
    version = (const char *)getString(GL_VERSION);
    is_fine = renderer != NULL;
    if (!is_fine) snprintf(why, WHY_BYTES, "glGetString says nothing");
  }
  /* First for egl_list: what the renderer says of itself, or nothing. */
  fputc(renderer == NULL ? '?' : is_software_renderer(renderer) ? 's' : 'h', out);
  fputs("\"vendor\":", out);
  json_text(out, vendor);
  fputs(",\"renderer\":", out);
  json_text(out, renderer);
  fputs(",\"version\":", out);
  json_text(out, version);
  fputs(",\"error\":", out);
  json_text(out, is_fine ? NULL : why);
}

static void print_device(FILE *out, int index, const struct listed *device, bool is_hardware, const char *driver, const char *why) {
  fprintf(out, "%s{\"index\":%d,", index == 0 ? "" : ",", index);
  if (driver != NULL) {
    fputs(driver, out);
  } else {
    fputs("\"vendor\":null,\"renderer\":null,\"version\":null,\"error\":", out);
    json_text(out, why);
  }
  fputs(",\"drm\":", out);
  json_text(out, device->drm[0] != 0 ? device->drm : NULL);
  fputs(",\"render\":", out);
  json_text(out, device->render[0] != 0 ? device->render : NULL);
  fprintf(out, ",\"hardware\":%s}", is_hardware ? "true" : "false");
}

static int read_list(const char *text, struct listed devices[EGL_DEVICES]) {
  int count = 0;
  for (const char *line = text; *line != 0 && count < EGL_DEVICES; count++) {
    const char *end = strchrnul(line, '\n');
    const char *drm = memchr(line, '\t', (size_t)(end - line)) + 1;
    const char *render = memchr(drm, '\t', (size_t)(end - drm)) + 1;
    devices[count] = (struct listed){.is_software = *line == '1'};
    snprintf(devices[count].drm, sizeof devices[count].drm, "%.*s", (int)(render - 1 - drm), drm);
    snprintf(devices[count].render, sizeof devices[count].render, "%.*s", (int)(end - render), render);
    line = *end == 0 ? end : end + 1;
  }
  return count;
}

int egl_list(FILE *out) {
  struct listed devices[EGL_DEVICES];
  struct child list, drivers[EGL_DEVICES];
  int numbers[EGL_DEVICES];
  char why[WHY_BYTES];
  child_start(&list, CHILD_SECONDS, list_devices, NULL);
  char *text = child_end(&list, why);
  if (text == NULL || text[0] == '!') {
    fputs("{\"devices\":[],\"error\":", out);
    json_text(out, text != NULL ? text + 1 : why);
    fputs("}", out);
    free(text);
    return -1;
  }
  const int count = read_list(text, devices);
  free(text);
  for (int i = 0; i < count; i++) {
    numbers[i] = i;
    child_start(&drivers[i], CHILD_SECONDS, list_one, &numbers[i]);
  }
  fputs("{\"devices\":[", out);
  int first = -1;
  for (int i = 0; i < count; i++) {
    char *driver = child_end(&drivers[i], why);
    /* A driver that did not start is not one to use, whatever its device is. */
    const bool is_hardware = driver != NULL && driver[0] == 'h';
    if (is_hardware && first < 0) first = i;
    print_device(out, i, &devices[i], is_hardware, driver != NULL ? driver + 1 : NULL, why);
    free(driver);
  }
  fputs("],\"error\":null}", out);
  return first >= 0 ? first : count > 0 ? 0 : -1;
}
