#!/usr/bin/env python3
"""Draws a lit ball before a gradient with OpenGL, without a window or an X server, and writes it as PNG.

Usage: render FILE [WIDTHxHEIGHT]. Prints what drew it. GLCONTEXT_DEVICE_INDEX chooses among several EGL devices.
"""

import sys

import moderngl
from PIL import Image

VERTEX = """
#version 330 core
const vec2 corners[4] = vec2[](vec2(-1, -1), vec2(1, -1), vec2(-1, 1), vec2(1, 1));
out vec2 place;
void main() {
  place = corners[gl_VertexID];
  gl_Position = vec4(place, 0, 1);
}
"""

FRAGMENT = """
#version 330 core
uniform float shape;
in vec2 place;
out vec4 pixel;
void main() {
  // Red grows to the right, green upwards.
  pixel = vec4(place * 0.5 + 0.5, 0.25, 1);
  vec2 p = vec2(place.x * shape, place.y) / 0.6;
  float inside = 1.0 - dot(p, p);
  if (inside > 0.0) {
    // The light comes from the upper left, in front.
    vec3 normal = vec3(p, sqrt(inside));
    float light = max(dot(normal, normalize(vec3(-1, 1, 1))), 0.0);
    pixel = vec4(vec3(light), 1);
  }
}
"""


def main() -> None:
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    width, height = (int(side) for side in (sys.argv[2] if len(sys.argv) == 3 else "640x360").split("x"))
    # The libraries by the names that they have where nothing is compiled.
    context = moderngl.create_context(standalone=True, backend="egl", libgl="libGL.so.1", libegl="libEGL.so.1")
    program = context.program(vertex_shader=VERTEX, fragment_shader=FRAGMENT)
    program["shape"].value = width / height
    target = context.simple_framebuffer((width, height), components=4)
    target.use()
    context.vertex_array(program, []).render(moderngl.TRIANGLE_STRIP, vertices=4)
    picture = Image.frombytes("RGBA", (width, height), target.read(components=4))
    picture.transpose(Image.FLIP_TOP_BOTTOM).save(sys.argv[1], "PNG")
    print(f"{width}x{height} by {context.info['GL_RENDERER']}")


main()
