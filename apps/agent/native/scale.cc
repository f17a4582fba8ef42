// SPDX-License-Identifier: GPL-2.0-or-later
// The mean of the pixels under a larger one: see scale.h. An area's mean neither blurs more than it must nor drops thin
// strokes of text, which sampling does.

#include "scale.h"

#include <algorithm>
#include <cmath>

namespace eglantine {
namespace {

constexpr int kWhole = 256;

// Plain loops, for the compiler to make vectors of.
#if defined(__x86_64__)
#define EGLANTINE_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define EGLANTINE_CLONES
#endif

EGLANTINE_CLONES void addRow(const uint8_t* row, uint16_t weight, int bytes, uint16_t* sums) {
  for (int i = 0; i < bytes; i++) sums[i] = uint16_t(sums[i] + row[i] * weight);
}

/** One coded row: sums of columns in 1/256 → means over columns. */
EGLANTINE_CLONES void meanOfColumns(const uint16_t* sums, const int* first, const int* firstWeight,
                                    const uint16_t* weights, int offset, int width, uint8_t* out) {
  for (int x = 0; x < width; x++) {
    const uint16_t* from = sums + (first[x] - offset) * 4;
    uint32_t mean[4] = {1 << 15, 1 << 15, 1 << 15, 1 << 15};
    for (int w = firstWeight[x]; w < firstWeight[x + 1]; w++, from += 4) {
      for (int c = 0; c < 4; c++) mean[c] += uint32_t(from[c]) * weights[w];
    }
    for (int c = 0; c < 4; c++) out[x * 4 + c] = uint8_t(mean[c] >> 16);
  }
}

}  // namespace

void Scaler::Axis::configure(int fromPx, int toPx) {
  from = fromPx;
  first.clear();
  firstWeight.assign(1, 0);
  weights.clear();
  const double length = double(fromPx) / toPx;
  for (int i = 0; i < toPx; i++) {
    const double start = i * length, end = start + length;
    const int begin = int(start + 1e-9), stop = std::min(fromPx, int(std::ceil(end - 1e-9)));
    first.push_back(begin);
    // Rounded sums, not rounded weights: together they are exactly one.
    int before = 0;
    for (int j = begin; j < stop; j++) {
      const int upTo = j + 1 == stop ? kWhole : int(std::lround((j + 1 - start) / length * kWhole));
      weights.push_back(uint16_t(upTo - before));
      before = upTo;
    }
    firstWeight.push_back(int(weights.size()));
  }
}

void Scaler::configure(int fromWidth, int fromHeight, int toWidth, int toHeight) {
  identity_ = fromWidth == toWidth && fromHeight == toHeight;
  columns_.configure(fromWidth, toWidth);
  rows_.configure(fromHeight, toHeight);
}

Rect Scaler::codedOf(const Rect& screen) const {
  if (identity_) return screen;
  const auto span = [](const Axis& axis, int at, int length, int& start, int& size) {
    const int64_t to = int64_t(axis.first.size()), last = std::clamp(at + length, 0, axis.from);
    start = int(std::clamp(at, 0, axis.from) * to / axis.from);
    size = int((last * to + axis.from - 1) / axis.from) - start;
  };
  Rect rect;
  span(columns_, screen.x, screen.width, rect.x, rect.width);
  span(rows_, screen.y, screen.height, rect.y, rect.height);
  return rect;
}

Rect Scaler::sourceOf(const Rect& coded) const {
  if (identity_) return coded;
  const auto span = [](const Axis& axis, int at, int length, int& start, int& size) {
    const int last = at + length - 1;
    start = axis.first[size_t(at)];
    size = axis.first[size_t(last)] + axis.count(last) - start;
  };
  Rect rect;
  span(columns_, coded.x, coded.width, rect.x, rect.width);
  span(rows_, coded.y, coded.height, rect.y, rect.height);
  return rect;
}

const uint8_t* Scaler::shrink(const uint8_t* pixels, int stride, const Rect& coded) {
  const Rect source = sourceOf(coded);
  const int bytes = source.width * 4;
  sums_.resize(size_t(bytes));
  shrunk_.resize(size_t(coded.width) * size_t(coded.height) * 4);
  for (int y = 0; y < coded.height; y++) {
    const size_t row = size_t(coded.y + y);
    const uint8_t* from = pixels + size_t(rows_.first[row] - source.y) * size_t(stride);
    std::fill(sums_.begin(), sums_.end(), uint16_t{0});
    for (int w = rows_.firstWeight[row]; w < rows_.firstWeight[row + 1]; w++, from += stride) {
      addRow(from, rows_.weights[size_t(w)], bytes, sums_.data());
    }
    meanOfColumns(sums_.data(), columns_.first.data() + coded.x, columns_.firstWeight.data() + coded.x,
                  columns_.weights.data(), source.x, coded.width, shrunk_.data() + size_t(y) * size_t(coded.width) * 4);
  }
  return shrunk_.data();
}

}  // namespace eglantine
