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
  for (int i = 0; i < 2000; i++) {
    const bool full = i >= 1000;
    const uint8_t* row0 = pixels.data() + i % 1000 * 128;
    uint8_t a[96] = {}, b[96] = {};
    const auto rows = [](uint8_t* m) { return Rows{{m, m + 16}, m + 32, {m + 32, m + 48}, {m + 64, m + 80}}; };
    const Finding one = full ? convertFullScalar(row0, row0 + 64, rows(a)) : convertScalar(row0, row0 + 64, rows(a));
    const Finding other = full ? convertFullAvx2(row0, row0 + 64, rows(b)) : convertAvx2(row0, row0 + 64, rows(b));
    if (memcmp(a, b, 96) != 0 || one.difference != other.difference || one.activity != other.activity) {
      printf("scalar and AVX2 differ at %d\n", i);
      return 1;
    }
    for (int x = 0; x < 16; x++) {
      const uint8_t* p = row0 + x * 4;
      const double luma = 0.0722 * p[0] + 0.7152 * p[1] + 0.2126 * p[2], exact = 16 + 219.0 / 255 * luma;
      if (std::fabs(a[x] - exact) > 0.82) {
        printf("luma is %d, should be %.2f\n", a[x], exact);
        return 1;
      }
      if (!full) continue;
      const double u = 128 + 224.0 / 255 * (p[0] - luma) / 1.8556, v = 128 + 224.0 / 255 * (p[2] - luma) / 1.5748;
      if (std::fabs(a[32 + x] - u) > 0.55 || std::fabs(a[64 + x] - v) > 0.55) {
        printf("chroma is %d %d, should be %.2f %.2f\n", a[32 + x], a[64 + x], u, v);
        return 1;
      }
    }
  }

  // The paper of a page, above all, is within half a step.
  for (int grey = 0; grey < 256; grey++) {
    uint8_t row[64], y[96] = {};
    memset(row, grey, sizeof row);
    convertScalar(row, row, {{y, y + 16}, y + 32, {}, {}});
    if (std::fabs(y[0] - (16 + 219.0 / 255 * grey)) > 0.58) return printf("grey %d is %d\n", grey, y[0]), 1;
  }

  for (const bool full : {false, true}) {
    Picture picture;
    picture.resize(52, 38, full);
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
  }
  printf("ok\n");
  return 0;
}
