// SPDX-License-Identifier: GPL-2.0-or-later
// The picture that is being streamed, as NV12 or with full-size colour, and what is known of each of its macroblocks. convert.cc writes it,
// rate.cc decides how coarsely it is coded, the encoders read it.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

namespace eglantine {

constexpr int kMacroblockPx = 16;

/** A rectangle of the screen, pixels. */
struct Rect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

struct Picture {
  /** Even. */
  int widthPx = 0;
  int heightPx = 0;
  /** Colour at full size, in the planes `u` and `v`; otherwise at half the size, interleaved in `chroma` (NV12). */
  bool chroma444 = false;
  /** Bytes from row to row, the same in all planes; rows are padded to whole macroblocks. */
  int stride = 0;
  int macroblocksWide = 0;
  int macroblocksHigh = 0;
  std::unique_ptr<uint8_t, decltype(&free)> memory{nullptr, &free};
  uint8_t* luma = nullptr;
  uint8_t* chroma = nullptr;
  uint8_t* u = nullptr;
  uint8_t* v = nullptr;
  /** By macroblock, row by row: 1 when its pixels are not those that were coded last. */
  std::vector<uint8_t> changed;
  /** By macroblock: how much it differs from what was coded last, and how much its pixels differ among each other. */
  std::vector<uint32_t> difference;
  std::vector<uint32_t> activity;

  int macroblocks() const { return macroblocksWide * macroblocksHigh; }

  void resize(int width, int height, bool fullChroma) {
    chroma444 = fullChroma;
    widthPx = width & ~1;
    heightPx = height & ~1;
    macroblocksWide = (widthPx + kMacroblockPx - 1) / kMacroblockPx;
    macroblocksHigh = (heightPx + kMacroblockPx - 1) / kMacroblockPx;
    // An odd number of cache lines: rows of a power of two would all fall into the same sets of the cache.
    stride = macroblocksWide * kMacroblockPx;
    stride = (stride + 63) & ~63;
    if ((stride / 64) % 2 == 0) stride += 64;
    const size_t rows = size_t(macroblocksHigh) * kMacroblockPx;
    const size_t plane = size_t(stride) * rows;
    const size_t bytes = (chroma444 ? plane * 3 : plane * 3 / 2) + 64;
    memory.reset(static_cast<uint8_t*>(aligned_alloc(64, (bytes + 63) & ~size_t{63})));
    luma = memory.get();
    chroma = chroma444 ? nullptr : luma + plane;
    u = chroma444 ? luma + plane : nullptr;
    v = chroma444 ? u + plane : nullptr;
    memset(luma, 16, plane);
    memset(luma + plane, 128, bytes - plane);
    changed.assign(size_t(macroblocks()), 1);
    difference.assign(size_t(macroblocks()), 0);
    activity.assign(size_t(macroblocks()), 0);
  }
};

}  // namespace eglantine
