/* Frames a second of the scene in OpenGL 3.3, without a window, each frame waited for. From: probe.c (`gl-scene`). */
#define _GNU_SOURCE
#include <GL/glcorearb.h>
#include <stdlib.h>
#include <string.h>

#include "egl.h"
#include "json.h"
#include "probe.h"
#include "scene_frag.text.h"
#include "scene_vert.text.h"

#define GL_FUNCTIONS(each)                                                                                                             \
  each(GETSTRING, GetString) each(GETERROR, GetError) each(CREATESHADER, CreateShader) each(SHADERSOURCE, ShaderSource)                \
  each(COMPILESHADER, CompileShader) each(GETSHADERIV, GetShaderiv) each(GETSHADERINFOLOG, GetShaderInfoLog)                           \
  each(CREATEPROGRAM, CreateProgram) each(ATTACHSHADER, AttachShader) each(LINKPROGRAM, LinkProgram)                                   \
  each(GETPROGRAMIV, GetProgramiv) each(USEPROGRAM, UseProgram) each(GETUNIFORMLOCATION, GetUniformLocation)                           \
  each(UNIFORM2F, Uniform2f) each(GENVERTEXARRAYS, GenVertexArrays) each(BINDVERTEXARRAY, BindVertexArray)                             \
  each(GENRENDERBUFFERS, GenRenderbuffers) each(BINDRENDERBUFFER, BindRenderbuffer) each(RENDERBUFFERSTORAGE, RenderbufferStorage)     \
  each(GENFRAMEBUFFERS, GenFramebuffers) each(BINDFRAMEBUFFER, BindFramebuffer)                                                        \
  each(FRAMEBUFFERRENDERBUFFER, FramebufferRenderbuffer) each(CHECKFRAMEBUFFERSTATUS, CheckFramebufferStatus)                          \
  each(VIEWPORT, Viewport) each(ENABLE, Enable) each(CLEARCOLOR, ClearColor) each(CLEAR, Clear)                                        \
  each(DRAWARRAYSINSTANCED, DrawArraysInstanced) each(FINISH, Finish) each(READPIXELS, ReadPixels)

struct gl {
#define FIELD(type, name) PFNGL##type##PROC name;
  GL_FUNCTIONS(FIELD)
};

static bool load(struct gl *gl, const struct egl *egl, char why[WHY_BYTES]) {
#define LOAD(type, name)                                                  \
  gl->name = (PFNGL##type##PROC)egl->getProcAddress("gl" #name);          \
  if (gl->name == NULL) {                                                 \
    snprintf(why, WHY_BYTES, "the driver has no gl" #name);               \
    return false;                                                         \
  }
  GL_FUNCTIONS(LOAD)
  return true;
}

static bool add_shader(const struct gl *gl, GLuint program, GLenum kind, const char *text, char why[WHY_BYTES]) {
  const GLuint shader = gl->CreateShader(kind);
  GLint is_fine = 0;
  gl->ShaderSource(shader, 1, &text, NULL);
  gl->CompileShader(shader);
  gl->GetShaderiv(shader, GL_COMPILE_STATUS, &is_fine);
  if (!is_fine) {
    const int before = snprintf(why, WHY_BYTES, "a shader was refused: ");
    gl->GetShaderInfoLog(shader, WHY_BYTES - before, NULL, why + before);
    return false;
  }
  gl->AttachShader(program, shader);
  return true;
}

/* The program, and somewhere to draw. */
static bool prepare(const struct gl *gl, const struct scene *scene, GLint *frame, char why[WHY_BYTES]) {
  const GLuint program = gl->CreateProgram();
  GLint is_linked = 0;
  if (!add_shader(gl, program, GL_VERTEX_SHADER, scene_vert_text, why)) return false;
  if (!add_shader(gl, program, GL_FRAGMENT_SHADER, scene_frag_text, why)) return false;
  gl->LinkProgram(program);
  gl->GetProgramiv(program, GL_LINK_STATUS, &is_linked);
  if (!is_linked) {
    snprintf(why, WHY_BYTES, "the shaders could not be linked");
    return false;
  }
  gl->UseProgram(program);
  *frame = gl->GetUniformLocation(program, "frame");
  GLuint array, buffers[2], target;
  gl->GenVertexArrays(1, &array);
  gl->BindVertexArray(array);
  gl->GenRenderbuffers(2, buffers);
  gl->GenFramebuffers(1, &target);
  gl->BindFramebuffer(GL_FRAMEBUFFER, target);
  gl->BindRenderbuffer(GL_RENDERBUFFER, buffers[0]);
  gl->RenderbufferStorage(GL_RENDERBUFFER, GL_RGBA8, scene->width, scene->height);
  gl->FramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, buffers[0]);
  gl->BindRenderbuffer(GL_RENDERBUFFER, buffers[1]);
  gl->RenderbufferStorage(GL_RENDERBUFFER, GL_DEPTH_COMPONENT24, scene->width, scene->height);
  gl->FramebufferRenderbuffer(GL_FRAMEBUFFER, GL_DEPTH_ATTACHMENT, GL_RENDERBUFFER, buffers[1]);
  if (gl->CheckFramebufferStatus(GL_FRAMEBUFFER) != GL_FRAMEBUFFER_COMPLETE) {
    snprintf(why, WHY_BYTES, "no framebuffer of %dx%d pixels", scene->width, scene->height);
    return false;
  }
  gl->Viewport(0, 0, scene->width, scene->height);
  gl->Enable(GL_DEPTH_TEST);
  gl->ClearColor(SCENE_BACKGROUND, 1);
  return true;
}

static void draw(const struct gl *gl, const struct scene *scene, GLint frame, double seconds) {
  gl->Clear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
  gl->Uniform2f(frame, (GLfloat)seconds, (GLfloat)scene->width / (GLfloat)scene->height);
  gl->DrawArraysInstanced(GL_TRIANGLES, 0, SCENE_VERTICES, SCENE_RINGS);
  gl->Finish();
}

/* The first picture, which also makes the driver compile everything before the clock runs. */
static bool check(const struct gl *gl, const struct scene *scene, GLint frame, char why[WHY_BYTES]) {
  draw(gl, scene, frame, 0);
  uint8_t *pixels = malloc(4UL * (size_t)scene->width * (size_t)scene->height);
  gl->ReadPixels(0, 0, scene->width, scene->height, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
  const GLenum error = gl->GetError();
  bool is_fine = error == GL_NO_ERROR && picture_is_drawn(pixels, scene->width, scene->height);
  if (!is_fine) snprintf(why, WHY_BYTES, "the picture is empty (OpenGL error 0x%04x)", error);
  if (is_fine && scene->ppm != NULL && !picture_write(scene->ppm, pixels, scene->width, scene->height)) {
    snprintf(why, WHY_BYTES, "%s cannot be written", scene->ppm);
    is_fine = false;
  }
  free(pixels);
  return is_fine;
}

static void measure(FILE *out, const void *about) {
  const struct scene *scene = about;
  struct egl egl;
  struct gl gl;
  GLint frame;
  char why[WHY_BYTES];
  if (!egl_open(&egl, why) || !egl_start(&egl, scene->egl, why) || !egl_make_context(&egl, 33, why) || !load(&gl, &egl, why))
    return scene_report(out, 0, 0, NULL, why);
  const char *renderer = (const char *)gl.GetString(GL_RENDERER);
  if (!prepare(&gl, scene, &frame, why) || !check(&gl, scene, frame, why)) return scene_report(out, 0, 0, renderer, why);
  long frames = 0;
  const double start = seconds_now();
  double now = start;
  while (now - start < scene->seconds) {
    draw(&gl, scene, frame, now - start);
    frames++;
    now = seconds_now();
  }
  scene_report(out, (double)frames / (now - start), frames, renderer, NULL);
}

static void nothing(FILE *out, const char *why) { scene_report(out, 0, 0, NULL, why); }

void gl_scene_report(FILE *out, const struct scene *asked) {
  struct scene scene = *asked;
  if (scene.egl < 0) {
    FILE *list = fopen("/dev/null", "w");
    const int found = list != NULL ? egl_list(list) : -1;
    if (list != NULL) fclose(list);
    scene.egl = found >= 0 ? found : 0;
  }
  child_answer(out, CHILD_SECONDS + scene.seconds, measure, &scene, nothing);
}
