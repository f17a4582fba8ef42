/* OpenGL in a window, as programs on $DISPLAY get it, also under VirtualGL. From: probe.c (`glx`). */
#include <GL/glx.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "child.h"
#include "json.h"
#include "library.h"
#include "probe.h"

static void report(FILE *out, const char *vendor, const char *renderer, const char *version, bool is_direct, const char *error) {
  fputs("{\"vendor\":", out);
  json_text(out, vendor);
  fputs(",\"renderer\":", out);
  json_text(out, renderer);
  fputs(",\"version\":", out);
  json_text(out, version);
  fprintf(out, ",\"direct\":%s,\"error\":", is_direct ? "true" : "false");
  json_text(out, error);
  fputs("}", out);
}

static void nothing(FILE *out, const char *why) { report(out, NULL, NULL, NULL, false, why); }

/* What Xlib would end the program for. */
static FILE *answer;
static int on_error(Display *display, XErrorEvent *event) {
  (void)display;
  char why[WHY_BYTES];
  snprintf(why, sizeof why, "the X server refused request %d.%d (error %d)", event->request_code, event->minor_code, event->error_code);
  nothing(answer, why);
  fclose(answer);
  _exit(0);
}

static void look(FILE *out, const void *about) {
  (void)about;
  char why[WHY_BYTES];
  if (!library_open("libX11.so.6", why, sizeof why) || !library_open("libGL.so.1", why, sizeof why)) return nothing(out, why);
  /* By their names in the program's own scope, where VirtualGL's stand before them. */
  __typeof__(&XOpenDisplay) openDisplay = library_function("XOpenDisplay");
  __typeof__(&XSetErrorHandler) setErrorHandler = library_function("XSetErrorHandler");
  __typeof__(&XCreateColormap) createColormap = library_function("XCreateColormap");
  __typeof__(&XCreateWindow) createWindow = library_function("XCreateWindow");
  __typeof__(&glXChooseVisual) chooseVisual = library_function("glXChooseVisual");
  __typeof__(&glXCreateContext) createContext = library_function("glXCreateContext");
  __typeof__(&glXMakeCurrent) makeCurrent = library_function("glXMakeCurrent");
  __typeof__(&glXIsDirect) isDirect = library_function("glXIsDirect");
  __typeof__(&glXQueryExtension) queryExtension = library_function("glXQueryExtension");
  __typeof__(&glXGetProcAddressARB) getProcAddress = library_function("glXGetProcAddressARB");

  const char *name = getenv("DISPLAY");
  if (name == NULL || name[0] == 0) return nothing(out, "DISPLAY is not set");
  Display *display = openDisplay(NULL);
  if (display == NULL) {
    snprintf(why, sizeof why, "no X server answers at %s", name);
    return nothing(out, why);
  }
  answer = out;
  setErrorHandler(on_error);
  int error_base, event_base;
  if (!queryExtension(display, &error_base, &event_base)) return nothing(out, "the X server has no GLX");
  int wanted[] = {GLX_RGBA, GLX_DOUBLEBUFFER, GLX_RED_SIZE, 8, GLX_GREEN_SIZE, 8, GLX_BLUE_SIZE, 8, GLX_DEPTH_SIZE, 16, None};
  XVisualInfo *visual = chooseVisual(display, DefaultScreen(display), wanted);
  if (visual == NULL) return nothing(out, "no visual of the X server has OpenGL");
  const Window root = RootWindow(display, visual->screen);
  XSetWindowAttributes attributes = {.colormap = createColormap(display, root, visual->visual, AllocNone)};
  /* Never shown. */
  const Window window =
      createWindow(display, root, 0, 0, 16, 16, 0, visual->depth, InputOutput, visual->visual, CWColormap | CWBorderPixel, &attributes);
  GLXContext context = createContext(display, visual, NULL, True);
  if (context == NULL || !makeCurrent(display, window, context)) return nothing(out, "no OpenGL context could be made");
  const GLubyte *(*getString)(GLenum) = (const GLubyte *(*)(GLenum))getProcAddress((const GLubyte *)"glGetString");
  const char *renderer = (const char *)getString(GL_RENDERER);
  report(out, (const char *)getString(GL_VENDOR), renderer, (const char *)getString(GL_VERSION), isDirect(display, context),
         renderer == NULL ? "glGetString says nothing" : NULL);
}

void glx_report(FILE *out) { child_answer(out, CHILD_SECONDS, look, NULL, nothing); }
