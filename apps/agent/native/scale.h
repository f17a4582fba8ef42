// SPDX-License-Identifier: GPL-2.0-or-later
// A screen coded smaller than it is: which pixels make which, and the mean of them. Between screen.cc's pixels and
// convert.cc; driven by stream.cc.
#pragma once

#include <cstdint>
#include <vector>

#include "picture.h"

namespace eglantine {

class Scaler {
 public:
  /** Sizes in pixels; no side grows. */
  void configure(int fromWidth, int fromHeight, int toWidth, int toHeight);

  bool identity() const { return identity_; }
  int widthPx() const { return int(columns_.first.size()); }
  int heightPx() const { return int(rows_.first.size()); }
  /** The coded pixels that depend on these of the screen. */
  Rect codedOf(const Rect& screen) const;
  /** The pixels of the screen that these coded ones depend on. */
  Rect sourceOf(const Rect& coded) const;
  /**
   * Each pixel of `coded` is the mean of the area it covers.
   * @param pixels B, G, R, x of `sourceOf(coded)`, `stride` bytes from row to row
   * @returns rows of coded.width × 4 bytes, valid until the next call
   */
  const uint8_t* shrink(const uint8_t* pixels, int stride, const Rect& coded);

 private:
  /** Of one axis: the first source pixel of each coded one, and the weights of it and those that follow, in 1/256. */
  struct Axis {
    int from = 0;
    std::vector<int> first;
    std::vector<int> firstWeight;
    std::vector<uint16_t> weights;

    void configure(int from, int to);
    int count(int index) const { return firstWeight[size_t(index) + 1] - firstWeight[size_t(index)]; }
  };

  bool identity_ = true;
  Axis columns_;
  Axis rows_;
  std::vector<uint16_t> sums_;
  std::vector<uint8_t> shrunk_;
};

}  // namespace eglantine
