// Light on the rings, for each pixel. From: scene.vert.
#ifdef VULKAN
#define PLACE(n) layout(location = n)
#else
#define PLACE(n)
#endif

PLACE(0) in vec3 normal;
PLACE(1) in vec3 colour;
layout(location = 0) out vec4 pixel;

void main() {
  vec3 n = normalize(normal);
  vec3 light = normalize(vec3(0.4, 0.6, 0.8));
  float diffuse = max(dot(n, light), 0.0);
  float shine = pow(max(dot(reflect(-light, n), vec3(0.0, 0.0, 1.0)), 0.0), 24.0);
  pixel = vec4(colour * (0.15 + 0.75 * diffuse) + 0.5 * shine, 1.0);
}
