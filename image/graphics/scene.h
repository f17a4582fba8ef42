/* What gl_scene.c and vulkan_scene.c draw and how they are asked: the same scene (scene.vert, scene.frag), the same answer. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Six vertices a face, 48 faces around, 24 across (scene.vert). */
#define SCENE_VERTICES (6 * 48 * 24)
#define SCENE_RINGS 9
/* Behind the rings: red, green, blue. */
#define SCENE_BACKGROUND 0.05f, 0.05f, 0.1f

struct scene {
  /* EGL device, or -1 for the first hardware, else the first. */
  int egl;
  double seconds;
  int width, height;
  /* File for the first picture, or NULL. */
  const char *ppm;
};

double seconds_now(void);

/* Whether something is drawn on these pixels (RGBA, rows of `width`): more than one colour. */
bool picture_is_drawn(const uint8_t *pixels, int width, int height);
/* Writes them as PPM. The last row comes first: both APIs begin where the scene's y is -1, which is below. */
bool picture_write(const char *file, const uint8_t *pixels, int width, int height);

/* One JSON object: {"framesPerSecond","renderer","frames","error"}. */
void scene_report(FILE *out, double frames_per_second, long frames, const char *renderer, const char *error);
