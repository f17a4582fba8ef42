// SPDX-License-Identifier: GPL-2.0-or-later
// A picture with its two colours apart, for encoders that take no NV12. From picture.h to x265_encoder.cc and its like.
#pragma once

#include <vector>

#include "picture.h"

namespace eglantine {

/** Planes of half the size, made anew from each picture. */
class ColourPlanes {
 public:
  void split(const Picture& picture) {
    stride_ = picture.stride / 2;
    const int rows = picture.macroblocksHigh * kMacroblockPx / 2;
    u_.resize(size_t(stride_) * size_t(rows));
    v_.resize(size_t(stride_) * size_t(rows));
    const uint8_t* const from = picture.chroma;
    const size_t samples = size_t(stride_) * size_t(rows);
    uint8_t* const u = u_.data();
    uint8_t* const v = v_.data();
    for (size_t i = 0; i < samples; i++) {
      u[i] = from[2 * i];
      v[i] = from[2 * i + 1];
    }
  }

  uint8_t* u() { return u_.data(); }
  uint8_t* v() { return v_.data(); }
  /** Bytes from row to row. */
  int stride() const { return stride_; }

 private:
  std::vector<uint8_t> u_, v_;
  int stride_ = 0;
};

}  // namespace eglantine
