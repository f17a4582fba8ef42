// SPDX-License-Identifier: GPL-2.0-or-later
// Pixels of the X server → NV12 or full-size Y, U, V. From screen.cc and card.cc, into picture.h.
#pragma once

#include <cstdint>

#include "picture.h"

namespace eglantine {

/**
 * Converts a rectangle of B, G, R, x bytes into the picture, BT.709, limited range, chroma of each pixel or from the mean of
 * 2×2, as the picture has it.
 * `rect` begins on a macroblock's corner and ends on one or at the picture's edge. Marks in `picture.changed` the
 * macroblocks whose pixels are new, and renews their `difference` and `activity`.
 * @param pixels the rectangle's first pixel; `pixelStride` bytes from row to row
 * @returns true when anything changed
 */
bool convert(const uint8_t* pixels, int pixelStride, const Rect& rect, Picture& picture);

}  // namespace eglantine
