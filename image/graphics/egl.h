/* OpenGL without a window, on any of the EGL devices of this machine. For egl.c (the list) and gl_scene.c. */
#pragma once

#define EGL_NO_X11
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <stdbool.h>
#include <stdio.h>

#include "child.h"

#define EGL_DEVICES 64

struct egl {
  PFNEGLGETPROCADDRESSPROC getProcAddress;
  PFNEGLQUERYSTRINGPROC queryString;
  PFNEGLINITIALIZEPROC initialize;
  PFNEGLBINDAPIPROC bindAPI;
  PFNEGLCHOOSECONFIGPROC chooseConfig;
  PFNEGLCREATECONTEXTPROC createContext;
  PFNEGLCREATEPBUFFERSURFACEPROC createPbufferSurface;
  PFNEGLMAKECURRENTPROC makeCurrent;
  PFNEGLGETERRORPROC getError;
  PFNEGLQUERYDEVICESEXTPROC queryDevices;
  PFNEGLQUERYDEVICESTRINGEXTPROC queryDeviceString;
  PFNEGLGETPLATFORMDISPLAYEXTPROC getPlatformDisplay;
  EGLDeviceEXT devices[EGL_DEVICES];
  int count;
  EGLDisplay display;
};

/* Opens libEGL and lists its devices; otherwise false, and why. */
bool egl_open(struct egl *egl, char why[WHY_BYTES]);
/* Starts the driver of this device: egl->display. */
bool egl_start(struct egl *egl, int device, char why[WHY_BYTES]);
/* Makes an OpenGL context current, of `version` (33) with the core profile, or any if 0. */
bool egl_make_context(struct egl *egl, int version, char why[WHY_BYTES]);

/* The renderers that are processors: Mesa's, and Microsoft's stand-in for a GPU. */
bool is_software_renderer(const char *renderer);

/* Prints the list of devices: {"devices":[…],"error"}. The number of the first hardware one, else 0, or -1 if there is none. */
int egl_list(FILE *out);
