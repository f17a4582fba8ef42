// SPDX-License-Identifier: GPL-2.0-or-later
// Compares the two implementations of convert.cc with each other and with the formula of BT.709 on random pixels, on a
// picture that ends within a macroblock. Prints "ok" or what differs.

#include "../convert.cc"

#include <cmath>
#include <cstdio>
#include <random>

using namespace eglantine;

int main() {
  std::mt19937 random(1);
  std::vector<uint8_t> pixels(64 * 2 * 1000);
  for (uint8_t& byte : pixels) byte = uint8_t(random());
  for (int i = 0; i < 1000; i++) {
    const uint8_t* row0 = pixels.data() + i * 128;
    uint8_t a[48] = {}, b[48] = {};
    const Finding one = convertScalar(row0, row0 + 64, a, a + 16, a + 32);
    const Finding other = convertAvx2(row0, row0 + 64, b, b + 16, b + 32);
    if (memcmp(a, b, 48) != 0 || one.difference != other.difference || one.activity != other.activity) {
      printf("scalar and AVX2 differ at %d\n", i);
      return 1;
    }
    for (int x = 0; x < 16; x++) {
      const double exact = 16 + 219.0 / 255 * (0.0722 * row0[x * 4] + 0.7152 * row0[x * 4 + 1] + 0.2126 * row0[x * 4 + 2]);
      if (std::fabs(a[x] - exact) > 0.9) {
        printf("luma is %d, should be %.2f\n", a[x], exact);
        return 1;
      }
    }
  }

  Picture picture;
  picture.resize(52, 38, false);
  std::vector<uint8_t> screen(52 * 38 * 4, 200);
  std::fill(picture.changed.begin(), picture.changed.end(), uint8_t{0});
  if (!convert(screen.data(), 52 * 4, {0, 0, 52, 38}, picture)) return printf("the first picture is no change\n"), 1;
  std::fill(picture.changed.begin(), picture.changed.end(), uint8_t{0});
  if (convert(screen.data(), 52 * 4, {0, 0, 52, 38}, picture)) return printf("the same picture is a change\n"), 1;
  screen[(37 * 52 + 51) * 4] = 0;
  if (!convert(screen.data(), 52 * 4, {0, 0, 52, 38}, picture)) return printf("the last pixel is not seen\n"), 1;
  int changed = 0;
  for (const uint8_t flag : picture.changed) changed += flag;
  if (changed != 1 || picture.changed.back() != 1) return printf("%d macroblocks changed, not the last\n", changed), 1;
  printf("ok\n");
  return 0;
}
