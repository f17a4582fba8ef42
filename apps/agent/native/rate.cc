// SPDX-License-Identifier: GPL-2.0-or-later
// How coarsely a picture is coded: see rate.h. Called by stream.cc before and after each picture.

#include "rate.h"

#include <algorithm>
#include <cmath>

#include "encoder.h"

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
constexpr double kSaturatedFrames = 1.25;
constexpr double kOverflowFrames = 8.0;
/** After this long without motion the weight of moving content says nothing about what comes. */
constexpr int64_t kMotionMemoryUs = 250000;
/** From one moving picture to the next: what was saved or overdrawn on one is not made up for at once. */
constexpr int kFinerPerPicture = 1;
constexpr int kCoarserPerPicture = 5;
/** What is new is guessed on the coarse side: a large first picture keeps all that follow waiting. */
constexpr double kFreshCaution = 1.4;

/** As fine as it gets, of half-size and of full-size colour. */
constexpr int kFinest[2] = {14, 10};
/** Readable: the step on the way of a screen that is too full to get sharp at once. */
constexpr int kReadable = 30;
constexpr int64_t kSoonUs = 750000;
/** Longer than the pause between two pictures of a 20 Hz animation. */
constexpr int64_t kStillUs = 60000;
/** After a change of so much of the picture when nothing had moved before: another page, hardly ever an animation's start. */
constexpr double kSwitchShare = 0.5;
constexpr int64_t kSwitchStillUs = 40000;
/** Beside motion, where much pauses for a moment only. */
constexpr int64_t kStillBesideMotionUs = 150000;
/** What is sharp gets still finer only when nothing else has moved for so long. */
constexpr int64_t kIdleUs = 250000;
/** Refinements beside motion that fills the bucket come this often with this much, a quarter of the bitrate. */
constexpr int64_t kBesideMotionUs = 50000;
constexpr double kBesideMotionFrames = 0.75;
/** Otherwise as soon as the bucket is down to the first, with the second: a key pressed then waits behind that at most. */
constexpr double kRefinementBucketFrames = 0.5;
constexpr double kRefinementFrames = 1.25;
constexpr int64_t kRefinementGapUs = 12000;
constexpr int kLeastRefined = 16;
/** With an encoder that codes all of a picture equally fine: as much at once, and so many steps. */
constexpr double kWholeRefinementFrames = 2;
constexpr int kMostRefinementStep = 6;
/** Less than this share of the picture waits, beside motion, so long for more to come along. */
constexpr double kFewShare = 0.02;
constexpr int64_t kGatherUs = 200000;
/** Motion has paused when no picture of it came for so long. */
constexpr int64_t kPauseUs = 40000;
/** Nothing is coded yet: coarser than any quantizer. */
constexpr uint8_t kUncoded = 51;

double scale(int quantizer) { return std::exp2((kReferenceQuantizer - quantizer) / 6.0 * kSlope); }

/** `evidence`, 0 to 1: how much of a picture it was. */
void learn(double& weight, double predicted, double actual, double evidence = 1) {
  if (predicted <= 0) return;
  weight = std::clamp(weight * std::pow(std::clamp(actual / predicted, 0.1, 10.0), evidence / 2), 1e-4, 4.0);
}

}  // namespace

void RateControl::restart(int macroblocks, bool partly, int sharp) {
  partly_ = partly;
  sharp_ = sharp;
  quantizers_.assign(size_t(macroblocks), kUncoded);
  stillUs_.assign(size_t(macroblocks), 0);
  cursor_ = 0;
  bucketBits_ = 0;
  refineAtUs_ = kNeverUs;
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

double RateControl::demand(Kind kind, int quantizer) const {
  const double factor = scale(quantizer);
  return kind == Kind::keyframe ? keyframeWeight_ * allActivity_ * factor : motionWeight_ * changedContent_ * factor;
}

/** Each step towards a finer quantizer costs about the same, a little more further down; the first costs most. */
double RateControl::refinementBits(const Picture& picture, size_t macroblock, int quantizer) const {
  const double steps = quantizers_[macroblock] - quantizer + 2;
  return refinementWeight_ * (picture.activity[macroblock] + kMacroblockContent) * steps * (64 - quantizer) / 32;
}

int RateControl::plan(Kind kind, const Picture& picture, int64_t nowUs, std::vector<uint8_t>& treatment) {
  leak(nowUs);
  treatment.resize(quantizers_.size());
  if (kind == Kind::refinement) {
    return partly_ ? planRefinement(picture, nowUs, treatment) : planWholeRefinement(picture, treatment);
  }
  const int quantizer = planWhole(kind, picture, nowUs);
  const uint8_t coarse = partly_ ? kLeave : kCode;
  for (size_t i = 0; i < treatment.size(); i++) {
    treatment[i] = picture.changed[i] || kind == Kind::keyframe ? kCode : quantizers_[i] <= quantizer ? kSettled : coarse;
  }
  return quantizer;
}

int RateControl::planWhole(Kind kind, const Picture& picture, int64_t nowUs) {
  allActivity_ = 0;
  changedContent_ = 0;
  for (size_t i = 0; i < quantizers_.size(); i++) {
    allActivity_ += picture.activity[i] + kMacroblockContent;
    if (!picture.changed[i]) continue;
    changedContent_ += std::min<double>(picture.activity[i], picture.difference[i]) + kMacroblockContent;
  }
  const double frameBits = bitrateBps_ / framesPerSecond_;
  const bool keyframe = kind == Kind::keyframe, fresh = nowUs - movedAtUs_ > kMotionMemoryUs;
  if (!keyframe && fresh) motionWeight_ = std::max(motionWeight_, keyframeWeight_ * kFreshCaution);
  double room = std::max(kMotionRoomFrames * frameBits - bucketBits_, 0.6 * frameBits);
  if (keyframe) room = std::max(kKeyframeRoomFrames * frameBits - bucketBits_, frameBits);

  int finest = sharp_, coarsest = kCoarsestQuantizer;
  if (!keyframe && !fresh) {
    finest = std::max(finest, lastMotionQuantizer_ - kFinerPerPicture);
    if (bucketBits_ <= kMotionRoomFrames * frameBits) coarsest = std::min(coarsest, lastMotionQuantizer_ + kCoarserPerPicture);
  }
  int chosen = finest;
  while (chosen < coarsest && demand(kind, chosen) > room) chosen++;
  return chosen;
}

/** All of it a step finer, as large a one as there is room for. */
int RateControl::planWholeRefinement(const Picture& picture, std::vector<uint8_t>& treatment) {
  const int finest = kFinest[picture.chroma444];
  const double room = kWholeRefinementFrames * bitrateBps_ / framesPerSecond_;
  int quantizer = *std::max_element(quantizers_.begin(), quantizers_.end());
  quantizer = std::max(finest, std::min(quantizer, kCoarsestQuantizer + 1) - 1);
  const auto predict = [&](int to) {
    double bits = 0;
    for (size_t i = 0; i < quantizers_.size(); i++) bits += quantizers_[i] > to ? refinementBits(picture, i, to) : 0;
    return bits;
  };
  for (int step = 1; step < kMostRefinementStep && quantizer > finest && predict(quantizer - 1) <= room; step++) quantizer--;
  refinementBits_ = predict(quantizer);
  for (size_t i = 0; i < treatment.size(); i++) treatment[i] = quantizers_[i] <= quantizer ? kSettled : kCode;
  return quantizer;
}

int RateControl::planRefinement(const Picture& picture, int64_t nowUs, std::vector<uint8_t>& treatment) {
  const double frameBits = bitrateBps_ / framesPerSecond_;
  const bool quiet = bucketBits_ <= kRefinementBucketFrames * frameBits;
  const int64_t stillUs = nowUs - movedAtUs_ < kPauseUs ? kStillBesideMotionUs : shortestStillUs();
  const auto coarse = [&](size_t i, int quantizer) { return quantizers_[i] > quantizer && stillUs_[i] + stillUs <= nowUs; };

  int target = sharp_;
  double bits = 0;
  bool any = false, unreadable = false;
  for (size_t i = 0; i < quantizers_.size(); i++) {
    if (!coarse(i, target)) continue;
    any = true;
    unreadable = unreadable || quantizers_[i] > kReadable;
    bits += refinementBits(picture, i, target);
  }
  if (!any) target = kFinest[picture.chroma444];
  if (unreadable && bits > bitrateBps_ * double(kSoonUs) / 1e6) target = kReadable;

  const bool fresh = nowUs - refinedAtUs_ > kMotionMemoryUs || target != lastTarget_;
  const double room = (quiet ? kRefinementFrames : kBesideMotionFrames) * frameBits / (fresh ? kFreshCaution : 1);
  lastTarget_ = target;

  refinementBits_ = 0;
  int count = 0;
  for (size_t i = 0; i < treatment.size(); i++) treatment[i] = quantizers_[i] <= target ? kSettled : kLeave;
  for (size_t k = 0, i = cursor_; k < treatment.size(); k++, i = (i + 1) % treatment.size()) {
    if (!coarse(i, target)) continue;
    const double more = refinementBits(picture, i, target);
    cursor_ = i;
    if (count >= kLeastRefined && refinementBits_ + more > room) break;
    treatment[i] = kCode;
    refinementBits_ += more;
    count++;
  }
  return target;
}

void RateControl::coded(Kind kind, const Picture& picture, int quantizer, const std::vector<uint8_t>& treatment,
                        size_t bytes, int64_t nowUs) {
  const double bits = double(bytes) * 8;
  if (kind == Kind::keyframe) {
    learn(keyframeWeight_, demand(kind, quantizer), bits);
  } else if (kind == Kind::motion) {
    learn(motionWeight_, demand(kind, quantizer), bits);
  } else {
    // Of a few flat macroblocks the headers are most, which says nothing about a page of text.
    const double share = std::min(1.0, std::max(refinementBits_, bits) * framesPerSecond_ / bitrateBps_);
    learn(refinementWeight_, refinementBits_, bits, share * share);
    refinedAtUs_ = nowUs;
  }
  leak(nowUs);
  bucketBits_ += bits;
  const double most = quantizer >= kCoarsestQuantizer - 2 ? kSaturatedFrames : kOverflowFrames;
  if (bucketBits_ > most * bitrateBps_ / framesPerSecond_) overflowed_ = true;
  if (kind == Kind::motion) {
    const auto changed = std::count(picture.changed.begin(), picture.changed.end(), uint8_t{1});
    const bool rested = nowUs - movedAtUs_ > kMotionMemoryUs;
    switched_ = rested && double(changed) >= kSwitchShare * double(quantizers_.size());
    movedAtUs_ = nowUs;
    lastMotionQuantizer_ = quantizer;
  }
  for (size_t i = 0; i < quantizers_.size(); i++) {
    if (treatment[i] == kCode) quantizers_[i] = uint8_t(quantizer);
    if (picture.changed[i]) stillUs_[i] = nowUs;
  }
  findRefinement(picture, nowUs);
}

void RateControl::findRefinement(const Picture& picture, int64_t nowUs) {
  const int finest = kFinest[picture.chroma444];
  // Of those that stand still already, and of those that do so if nothing moves until then.
  int64_t stillUs = kNeverUs, soonUs = kNeverUs;
  int still = 0;
  const bool moving = nowUs - movedAtUs_ < kPauseUs;
  for (size_t i = 0; i < quantizers_.size(); i++) {
    if (quantizers_[i] <= finest) continue;
    int64_t dueUs = (partly_ ? stillUs_[i] : movedAtUs_) + shortestStillUs();
    if (quantizers_[i] <= sharp_) dueUs = std::max(dueUs, movedAtUs_ + kIdleUs);
    if (dueUs > nowUs || (moving && stillUs_[i] + kStillBesideMotionUs > nowUs)) {
      soonUs = std::min(soonUs, std::max(dueUs, nowUs + kPauseUs));
    } else {
      stillUs = std::min(stillUs, dueUs);
      still++;
    }
  }
  const bool few = moving && still < kFewShare * double(quantizers_.size());
  refineAtUs_ = std::min(soonUs, few && still > 0 ? stillUs + kGatherUs : stillUs);
  if (refineAtUs_ == kNeverUs) return;
  const int64_t roomUs = std::min(emptyAtUs(kRefinementBucketFrames), std::max(nowUs, refinedAtUs_ + kBesideMotionUs));
  refineAtUs_ = std::max({refineAtUs_, roomUs, refinedAtUs_ + kRefinementGapUs});
}

int64_t RateControl::shortestStillUs() const { return switched_ ? kSwitchStillUs : kStillUs; }

int64_t RateControl::emptyAtUs(double frames) const {
  const double excess = bucketBits_ - frames * bitrateBps_ / framesPerSecond_;
  return excess <= 0 ? 0 : bucketAtUs_ + int64_t(excess / bitrateBps_ * 1e6);
}

int64_t RateControl::roomAtUs() const { return overflowed_ ? emptyAtUs(1) : 0; }

}  // namespace eglantine
