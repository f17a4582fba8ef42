// SPDX-License-Identifier: GPL-2.0-or-later
// The picture that is streamed when no screen can be captured. To convert.cc, drawn on demand of stream.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace eglantine {

struct Card {
  static constexpr int kWidthPx = 1280;
  static constexpr int kHeightPx = 720;
  /** B, G, R, x. */
  std::vector<uint8_t> pixels;
  int stride = 0;
};

/** Draws a headline, what is wrong, and that it is tried again. */
Card drawCard(const std::string& display, const std::string& reason);

}  // namespace eglantine
