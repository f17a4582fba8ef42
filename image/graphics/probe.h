/* One function a subcommand: each prints one JSON object, whatever happens. */
#pragma once

#include <stdio.h>

#include "scene.h"

void egl_report(FILE *out);
void glx_report(FILE *out);
void vulkan_report(FILE *out);
void opencl_report(FILE *out);
void gl_scene_report(FILE *out, const struct scene *scene);
void vulkan_scene_report(FILE *out, const struct scene *scene);
