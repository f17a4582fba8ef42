// The scene that is drawn to measure: nine rings that turn, made of nothing but the number of the vertex. Next: scene.frag.
// frame: seconds since the start, width by height.
#ifdef VULKAN
#define PLACE(n) layout(location = n)
#define VERTEX gl_VertexIndex
#define RING gl_InstanceIndex
layout(push_constant) uniform Frame { vec2 frame; };
#else
#define PLACE(n)
#define VERTEX gl_VertexID
#define RING gl_InstanceID
uniform vec2 frame;
#endif

PLACE(0) out vec3 normal;
PLACE(1) out vec3 colour;

const int AROUND = 48;
const int ACROSS = 24;
const float TURN = 6.28318530718;

void main() {
  // Two triangles a face: which of its corners this vertex is.
  int face = VERTEX / 6;
  int corner = VERTEX - face * 6;
  int right = (corner == 1 || corner == 2 || corner == 4) ? 1 : 0;
  int up = (corner == 2 || corner == 4 || corner == 5) ? 1 : 0;
  float around = float((face / ACROSS + right) % AROUND) * TURN / float(AROUND);
  float across = float((face % ACROSS + up) % ACROSS) * TURN / float(ACROSS);

  vec3 outward = vec3(cos(around) * cos(across), sin(around) * cos(across), sin(across));
  vec3 point = vec3(cos(around), sin(around), 0.0) * 0.7 + outward * 0.25;
  float a = frame.x + float(RING);
  float b = frame.x * 0.7 + float(RING) * 0.5;
  mat3 turned = mat3(cos(a), 0.0, -sin(a), 0.0, 1.0, 0.0, sin(a), 0.0, cos(a)) *
                mat3(1.0, 0.0, 0.0, 0.0, cos(b), sin(b), 0.0, -sin(b), cos(b));
  point = turned * point;
  normal = turned * outward;
  colour = 0.55 + 0.45 * cos(float(RING) * 0.7 + vec3(0.0, 2.1, 4.2));
  // Three rows of three. Depth stays between 0 and 1, which is within what either API draws.
  vec2 centre = (vec2(float(RING % 3), float(RING / 3)) - 1.0) * 0.62;
  vec2 place = centre + point.xy * 0.28;
  gl_Position = vec4(place.x / frame.y, place.y, 0.5 - point.z * 0.3, 1.0);
}
