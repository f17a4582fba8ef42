// SPDX-License-Identifier: GPL-2.0-or-later
// How coarsely a picture is coded: see rate.h. Called by stream.cc before and after each picture.

#include "rate.h"

#include <algorithm>
#include <cmath>

namespace eglantine {
namespace {

constexpr int kReferenceQuantizer = 30;
/** H.264 halves its step every 6 quantizers; bits fall more slowly than the step grows. */
constexpr double kSlope = 0.8;
/** Every coded macroblock costs something, however flat it is. */
constexpr double kMacroblockContent = 24;
constexpr double kMotionRoomFrames = 2.0;
constexpr double kKeyframeRoomFrames = 3.0;
/**
 * With more than this in the bucket pictures are left out until it holds no more than one: the first where the quantizer
 * has reached its end, the second always. A cut to another picture fills the bucket too, but coarser ones soon empty it.
 */
constexpr double kSaturatedFrames = 3.0;
constexpr double kOverflowFrames = 8.0;
/** After this long without motion the weight of moving content says nothing about what comes. */
constexpr int64_t kMotionMemoryUs = 250000;
/** From one moving picture to the next: what was saved or overdrawn on one is not made up for at once. */
constexpr int kFinerPerPicture = 1;
constexpr int kCoarserPerPicture = 5;
/** What is new is guessed on the coarse side: a large first picture keeps all that follow waiting. */
constexpr double kFreshCaution = 1.4;

/** Finer steps than a picture can foresee: the bits of one that is refined are hardly known before. */
constexpr int kMostRefinementStep = 6;

double scale(int quantizer) { return std::exp2((kReferenceQuantizer - quantizer) / 6.0 * kSlope); }

void learn(double& weight, double predicted, double actual) {
  if (predicted <= 0) return;
  weight = std::clamp(weight * std::sqrt(std::clamp(actual / predicted, 0.1, 10.0)), 1e-4, 4.0);
}

}  // namespace

void RateControl::restart(int macroblocks) {
  quantizers_.assign(size_t(macroblocks), kQuantizers - 1);
  bucketBits_ = 0;
}

void RateControl::configure(int framesPerSecond, int64_t bitrateBps) {
  framesPerSecond_ = framesPerSecond;
  bitrateBps_ = double(bitrateBps);
}

void RateControl::leak(int64_t nowUs) {
  bucketBits_ = std::max(0.0, bucketBits_ - double(nowUs - bucketAtUs_) * bitrateBps_ / 1e6);
  bucketAtUs_ = nowUs;
  if (bucketBits_ <= bitrateBps_ / framesPerSecond_) overflowed_ = false;
}

RateControl::Demand RateControl::demand(Kind kind, int quantizer) const {
  Demand sum;
  const double factor = scale(quantizer);
  if (kind == Kind::keyframe) {
    sum.keyframe = keyframeWeight_ * allActivity_ * factor;
    return sum;
  }
  sum.motion = motionWeight_ * changedContent_ * factor;
  // Each step of an unchanged macroblock towards a finer quantizer costs about the same, a little more further down.
  double steps = 0;
  for (int q = quantizer + 1; q < kQuantizers; q++) steps += coarse_[size_t(q)] * (q - quantizer);
  sum.refinement = refinementWeight_ * steps * (64 - quantizer) / 32;
  return sum;
}

int RateControl::quantizer(Kind kind, const Picture& picture, int64_t nowUs, int refinementsLeft) {
  leak(nowUs);
  allActivity_ = 0;
  changedContent_ = 0;
  coarse_.fill(0);
  for (size_t i = 0; i < quantizers_.size(); i++) {
    const double activity = picture.activity[i] + kMacroblockContent;
    allActivity_ += activity;
    if (picture.changed[i]) {
      changedContent_ += std::min<double>(picture.activity[i], picture.difference[i]) + kMacroblockContent;
    } else {
      coarse_[quantizers_[i]] += activity;
    }
  }
  const double frameBits = bitrateBps_ / framesPerSecond_;
  if (kind == Kind::motion && nowUs - movedAtUs_ > kMotionMemoryUs) {
    motionWeight_ = std::max(motionWeight_, keyframeWeight_ * kFreshCaution);
  }
  double room = std::max(kMotionRoomFrames * frameBits - bucketBits_, 0.6 * frameBits);
  if (kind == Kind::keyframe) room = std::max(kKeyframeRoomFrames * frameBits - bucketBits_, frameBits);
  if (kind == Kind::refinement) room = kMotionRoomFrames * frameBits;

  int finest = kSharpQuantizer, coarsest = kCoarsestQuantizer;
  if (kind == Kind::motion && nowUs - movedAtUs_ <= kMotionMemoryUs) {
    finest = std::max(finest, lastMotionQuantizer_ - kFinerPerPicture);
    if (bucketBits_ <= kMotionRoomFrames * frameBits) coarsest = std::min(coarsest, lastMotionQuantizer_ + kCoarserPerPicture);
  }
  if (kind == Kind::refinement) {
    int worst = kSharpQuantizer;
    for (int q = kQuantizers - 1; q > kSharpQuantizer && worst == kSharpQuantizer; q--) {
      if (coarse_[size_t(q)] > 0) worst = q;
    }
    // The last allowed refinement ends sharp, and each of them makes a step.
    worst = std::min(worst, kCoarsestQuantizer);
    const int steps = std::max(1, refinementsLeft);
    finest = std::max(kSharpQuantizer, worst - kMostRefinementStep);
    coarsest = std::max(finest, worst - (worst - kSharpQuantizer + steps - 1) / steps);
  }
  int chosen = finest;
  while (chosen < coarsest && demand(kind, chosen).bits() > room) chosen++;
  return chosen;
}

void RateControl::findSettled(const Picture& picture, int quantizer, std::vector<uint8_t>& settled) const {
  settled.resize(quantizers_.size());
  for (size_t i = 0; i < settled.size(); i++) settled[i] = !picture.changed[i] && quantizers_[i] <= quantizer;
}

void RateControl::coded(Kind kind, const Picture& picture, int quantizer, size_t bytes, int64_t nowUs) {
  const double bits = double(bytes) * 8;
  const Demand predicted = demand(kind, quantizer);
  if (kind == Kind::keyframe) {
    learn(keyframeWeight_, predicted.keyframe, bits);
  } else if (predicted.motion > predicted.refinement) {
    learn(motionWeight_, predicted.motion, std::max(0.0, bits - predicted.refinement));
  } else {
    learn(refinementWeight_, predicted.refinement, std::max(0.0, bits - predicted.motion));
  }
  leak(nowUs);
  bucketBits_ += bits;
  const double most = quantizer >= kCoarsestQuantizer - 2 ? kSaturatedFrames : kOverflowFrames;
  if (bucketBits_ > most * bitrateBps_ / framesPerSecond_) overflowed_ = true;
  if (kind == Kind::motion) {
    movedAtUs_ = nowUs;
    lastMotionQuantizer_ = quantizer;
  }
  const uint8_t reached = uint8_t(quantizer);
  for (size_t i = 0; i < quantizers_.size(); i++) {
    if (kind == Kind::keyframe || picture.changed[i] || quantizers_[i] > reached) quantizers_[i] = reached;
  }
}

bool RateControl::sharp() const {
  return std::all_of(quantizers_.begin(), quantizers_.end(), [](uint8_t q) { return q <= kSharpQuantizer; });
}

int64_t RateControl::roomAtUs(Kind kind) const {
  if (kind == Kind::keyframe || (kind == Kind::motion && !overflowed_)) return 0;
  const double excess = bucketBits_ - bitrateBps_ / framesPerSecond_;
  return excess <= 0 ? 0 : bucketAtUs_ + int64_t(excess / bitrateBps_ * 1e6);
}

}  // namespace eglantine
