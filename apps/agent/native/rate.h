// SPDX-License-Identifier: GPL-2.0-or-later
// How coarsely a picture is coded, for encoders without a rate control of their own. From picture.h (what changed), to
// x264_encoder.cc (a quantizer). Pure: no clock, no memory of pixels.
//
// The bits of a picture are predicted as weight × content × 2^(-quantizer/6 × slope), with one learnt weight each for
// keyframes and for changed macroblocks; those of unchanged ones that get sharper by the steps they take. The quantizer is the finest whose prediction
// fits the room left in a leaky bucket of a few frames. Macroblocks remember their quantizer: those that were coded coarsely
// while all was moving are what refinement works on.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "picture.h"

namespace eglantine {

class RateControl {
 public:
  /** At this quantizer a macroblock counts as sharp. Text has about 48 dB then. */
  static constexpr int kSharpQuantizer = 16;
  static constexpr int kCoarsestQuantizer = 51;

  enum class Kind { keyframe, motion, refinement };

  /** A new stream of pictures begins: nothing is coded yet. */
  void restart(int macroblocks);
  void configure(int framesPerSecond, int64_t bitrateBps);

  /** @param refinementsLeft for refinements: how many pictures may still follow, this one included */
  int quantizer(Kind kind, const Picture& picture, int64_t nowUs, int refinementsLeft);
  /** The macroblocks that a picture of this quantizer may leave as they are. */
  void findSettled(const Picture& picture, int quantizer, std::vector<uint8_t>& settled) const;
  void coded(Kind kind, const Picture& picture, int quantizer, size_t bytes, int64_t nowUs);

  /** True when no macroblock would gain from a refinement. */
  bool sharp() const;
  /**
   * When the bucket will have room again for a picture of this kind. Where even the coarsest quantizer is too much for the
   * bitrate, this is what makes the pictures fewer: a few are left out at once, so that the others do not wait.
   */
  int64_t roomAtUs(Kind kind) const;

 private:
  static constexpr int kQuantizers = 52;

  struct Demand {
    double keyframe = 0;
    double motion = 0;
    double refinement = 0;
    double bits() const { return keyframe + motion + refinement; }
  };

  Demand demand(Kind kind, int quantizer) const;
  void leak(int64_t nowUs);

  int framesPerSecond_ = 60;
  double bitrateBps_ = 8e6;
  double bucketBits_ = 0;
  int64_t bucketAtUs_ = 0;
  bool overflowed_ = false;
  int64_t movedAtUs_ = 0;
  int lastMotionQuantizer_ = 34;

  // Bits of one unit of content at quantizer 30, or for one step of a refinement; learnt, from those of a desktop with text.
  double keyframeWeight_ = 0.08;
  double motionWeight_ = 0.05;
  double refinementWeight_ = 0.006;

  // The content of the picture at hand.
  double allActivity_ = 0;
  double changedContent_ = 0;
  /** Activity of unchanged macroblocks by the quantizer they have. */
  std::array<double, kQuantizers> coarse_{};

  std::vector<uint8_t> quantizers_;
};

}  // namespace eglantine
