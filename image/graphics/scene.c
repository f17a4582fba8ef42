/* What both scenes need: a clock, the picture that was drawn, the answer. For gl_scene.c and vulkan_scene.c. */
#include "scene.h"

#include <string.h>
#include <time.h>

#include "json.h"

double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

bool picture_is_drawn(const uint8_t *pixels, int width, int height) {
  for (long i = 1; i < (long)width * height; i++)
    if (memcmp(pixels, pixels + 4 * i, 3) != 0) return true;
  return false;
}

bool picture_write(const char *file, const uint8_t *pixels, int width, int height) {
  FILE *out = fopen(file, "wb");
  if (out == NULL) return false;
  fprintf(out, "P6\n%d %d\n255\n", width, height);
  for (int y = height - 1; y >= 0; y--)
    for (int x = 0; x < width; x++) fwrite(pixels + 4L * (width * y + x), 1, 3, out);
  return fclose(out) == 0;
}

void scene_report(FILE *out, double frames_per_second, long frames, const char *renderer, const char *error) {
  fprintf(out, "{\"framesPerSecond\":%.1f,\"renderer\":", frames_per_second);
  json_text(out, renderer);
  fprintf(out, ",\"frames\":%ld,\"error\":", frames);
  json_text(out, error);
  fputs("}", out);
}
