// SPDX-License-Identifier: GPL-2.0-or-later
// rate.cc counts in H.264's quantizers; libvpx, libaom and SVT-AV1 in 0 to 63. Both stand for a step of the coefficients.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>

namespace eglantine {

/** Step of the AC coefficients for each of the 64 quantizers that an encoder's interface has, in the format's own units. */
using StepTable = std::array<int, 64>;

/** AV1 specification 7.12.2 and VP9 specification 8.6.1, 8 bits: eighths of a pixel's value. Quantizer n is index 4n, about. */
constexpr StepTable kVp9Steps = {
    4,   11,  15,  19,  23,  27,  31,  35,  39,  43,  47,  51,  55,  59,  63,   67,   71,   75,   79,   83,   87,  91,
    95,  99,  104, 112, 120, 128, 136, 144, 152, 164, 176, 188, 200, 215,  231,  247,  265,  285,  305,  329, 353, 380,
    408, 440, 474, 510, 550, 593, 639, 689, 743, 801, 864, 933, 1007, 1087, 1173, 1267, 1369, 1479, 1628, 1828};
constexpr double kVp9StepsPerUnit = 8;

/** RFC 6386, 14.1, at the indices that libvpx gives its 64 quantizers: halves of a pixel's value. */
constexpr StepTable kVp8Steps = {4,   5,   6,   7,   8,   9,   11,  12,  13,  14,  16,  17,  19,  21,  22,  23,
                                 24,  25,  27,  28,  29,  30,  31,  32,  33,  34,  35,  37,  39,  41,  43,  45,
                                 47,  49,  51,  53,  55,  57,  60,  64,  68,  72,  78,  84,  90,  96,  102, 108,
                                 114, 122, 131, 140, 149, 158, 167, 177, 189, 201, 213, 225, 239, 254, 269, 284};
constexpr double kVp8StepsPerUnit = 2;

/** The step of an H.264 quantizer doubles every 6, from 0.625 at 0 (H.264, 8.5.9). */
inline double h264Step(int quantizer) { return 0.625 * std::exp2(quantizer / 6.0); }

/** The quantizer whose step is nearest. Never 0: there, VP9 and AV1 turn to another, lossless transform. */
inline int nearestQuantizer(const StepTable& steps, double stepsPerUnit, int h264Quantizer) {
  const double wanted = std::log2(h264Step(h264Quantizer) * stepsPerUnit);
  int best = 1;
  double distance = 1e9;
  for (int i = 1; i < int(steps.size()); i++) {
    const double away = std::fabs(std::log2(double(steps[size_t(i)])) - wanted);
    if (away < distance) {
      distance = away;
      best = i;
    }
  }
  return best;
}

}  // namespace eglantine
