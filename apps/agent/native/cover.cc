// SPDX-License-Identifier: GPL-2.0-or-later
// Damage → few rectangles on macroblock corners. From screen.cc (what the server says has changed), back to it.

#include <algorithm>

#include "screen.h"

namespace eglantine {
namespace {

constexpr size_t kMostRects = 16;
/** Runs of a row nearer than this many macroblocks become one. */
constexpr int kGap = 3;

struct Run {
  int from;
  int to;
  bool operator==(const Run& other) const { return from == other.from && to == other.to; }
};

}  // namespace

std::vector<Rect> coverMacroblocks(const std::vector<Rect>& damage, int widthPx, int heightPx) {
  const int columns = (widthPx + kMacroblockPx - 1) / kMacroblockPx;
  const int rows = (heightPx + kMacroblockPx - 1) / kMacroblockPx;
  std::vector<uint8_t> dirty(size_t(columns) * size_t(rows), 0);
  Run box{columns, 0};
  int top = rows, bottom = 0;
  for (const Rect& rect : damage) {
    const int x0 = std::max(0, rect.x) / kMacroblockPx, y0 = std::max(0, rect.y) / kMacroblockPx;
    const int x1 = (std::min(widthPx, rect.x + rect.width) + kMacroblockPx - 1) / kMacroblockPx;
    const int y1 = (std::min(heightPx, rect.y + rect.height) + kMacroblockPx - 1) / kMacroblockPx;
    if (x1 <= x0 || y1 <= y0) continue;
    for (int y = y0; y < y1; y++) {
      std::fill_n(dirty.begin() + std::ptrdiff_t(y) * columns + x0, x1 - x0, uint8_t{1});
    }
    box = {std::min(box.from, x0), std::max(box.to, x1)};
    top = std::min(top, y0);
    bottom = std::max(bottom, y1);
  }

  std::vector<Rect> cover;
  const auto add = [&](int x0, int y0, int x1, int y1) {
    const int x = x0 * kMacroblockPx, y = y0 * kMacroblockPx;
    cover.push_back({x, y, std::min(widthPx, x1 * kMacroblockPx) - x, std::min(heightPx, y1 * kMacroblockPx) - y});
  };
  std::vector<Run> open, runs;
  int openTop = top;
  for (int y = top; y <= bottom; y++) {
    runs.clear();
    for (int x = box.from; y < bottom && x < box.to; x++) {
      if (!dirty[size_t(y) * size_t(columns) + size_t(x)]) continue;
      if (!runs.empty() && x - runs.back().to < kGap) {
        runs.back().to = x + 1;
      } else {
        runs.push_back({x, x + 1});
      }
    }
    if (y < bottom && runs == open) continue;
    for (const Run& run : open) add(run.from, openTop, run.to, y);
    open = runs;
    openTop = y;
  }
  if (cover.size() > kMostRects) {
    cover.clear();
    add(box.from, top, box.to, bottom);
  }
  return cover;
}

}  // namespace eglantine
