// SPDX-License-Identifier: GPL-2.0-or-later
// How coarsely a picture is coded, for encoders without a rate control of their own. From picture.h (what changed), to
// x264_encoder.cc (a quantizer). Pure: no clock, no memory of pixels.
//
// The bits of a picture are predicted as weight × content × 2^(-quantizer/6 × slope), with one learnt weight each for
// keyframes and for changed macroblocks; those of unchanged ones that get sharper by the steps they take. The quantizer is the
// finest whose prediction fits the room left in a leaky bucket of a few frames.
//
// Macroblocks remember their quantizer and since when they stand still. A moving picture codes what has changed and nothing
// else. Refinements come between moving pictures and after them: each takes as many of the still and coarse macroblocks as the
// bucket has room for and makes them sharp in one step, since several small steps cost about twice as many bits. So text beside
// a playing video gets sharp, and a key that is pressed meanwhile waits behind a small picture at most.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "picture.h"

namespace eglantine {

class RateControl {
 public:
  static constexpr int kCoarsestQuantizer = 50;

  enum class Kind { keyframe, motion, refinement };

  /**
   * A new stream of pictures begins: nothing is coded yet. `partly`: the encoder leaves alone what the treatment says.
   * `sharp`: its quantizer for what stands still.
   */
  void restart(int macroblocks, bool partly, int sharp);
  void configure(int framesPerSecond, int64_t bitrateBps);

  /** Chooses the quantizer, and into `treatment` what is done with each macroblock. */
  int plan(Kind kind, const Picture& picture, int64_t nowUs, std::vector<uint8_t>& treatment);
  /** What became of the plan. */
  void coded(Kind kind, const Picture& picture, int quantizer, const std::vector<uint8_t>& treatment, size_t bytes,
             int64_t nowUs);

  /** When the next refinement may come; kNeverUs when no macroblock would gain from one. */
  int64_t refineAtUs() const { return refineAtUs_; }
  /**
   * When the bucket will have room again for a moving picture. Where even the coarsest quantizer is too much for the
   * bitrate, this is what makes the pictures fewer: a few are left out at once, so that the others do not wait.
   */
  int64_t roomAtUs() const;

  static constexpr int64_t kNeverUs = std::numeric_limits<int64_t>::max();

 private:
  static constexpr int kQuantizers = 52;

  int planWhole(Kind kind, const Picture& picture, int64_t nowUs);
  int planWholeRefinement(const Picture& picture, std::vector<uint8_t>& treatment);
  int planRefinement(const Picture& picture, int64_t nowUs, std::vector<uint8_t>& treatment);
  /** Predicted bits of a whole or a moving picture. */
  double demand(Kind kind, int quantizer) const;
  /** Predicted bits of one macroblock that gets sharper. */
  double refinementBits(const Picture& picture, size_t macroblock, int quantizer) const;
  void findRefinement(const Picture& picture, int64_t nowUs);
  int64_t shortestStillUs() const;
  int64_t emptyAtUs(double frames) const;
  void leak(int64_t nowUs);

  bool partly_ = true;
  int sharp_ = 17;
  int framesPerSecond_ = 60;
  double bitrateBps_ = 8e6;
  double bucketBits_ = 0;
  int64_t bucketAtUs_ = 0;
  bool overflowed_ = false;
  int64_t movedAtUs_ = 0;
  /** The last motion was another page, not an animation. */
  bool switched_ = false;
  int lastMotionQuantizer_ = 34;

  // Bits of one unit of content at quantizer 30, or for one step of a refinement; learnt, from those of a desktop with text.
  double keyframeWeight_ = 0.08;
  double motionWeight_ = 0.05;
  double refinementWeight_ = 0.003;

  // The content of the picture at hand.
  double allActivity_ = 0;
  double changedContent_ = 0;
  double refinementBits_ = 0;

  std::vector<uint8_t> quantizers_;
  /** Since when each macroblock stands still. */
  std::vector<int64_t> stillUs_;
  /** Where the next refinement begins, so that all of the picture has its turn. */
  size_t cursor_ = 0;
  int64_t refinedAtUs_ = 0;
  int lastTarget_ = 0;
  int64_t refineAtUs_ = kNeverUs;
};

}  // namespace eglantine
