// SPDX-License-Identifier: GPL-2.0-or-later
// The slices of a picture in their order: see slice_order.h.

#include "slice_order.h"

#include <algorithm>
#include <cstring>

namespace eglantine {
namespace {

/** A part costs JavaScript a wake-up: it must come this much before the rest, */
constexpr int64_t kLeastLeadUs = 1000;
/** and fill some packets. */
constexpr size_t kLeastPartBytes = 4800;

}  // namespace

void SliceOrder::begin(int macroblocks, int64_t nowUs, const std::function<void(CodedPart)>& out) {
  const std::lock_guard<std::mutex> lock(mutex_);
  out_ = &out;
  macroblocks_ = macroblocks;
  startUs_ = nowUs;
  coded_ = next_ = 0;
  outOfMemory_ = false;
  headers_.clear();
  for (Slice& slice : waiting_) spare_.push_back(std::move(slice));
  waiting_.clear();
}

Slice SliceOrder::borrow() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (spare_.empty()) return {};
  Slice slice = std::move(spare_.back());
  spare_.pop_back();
  return slice;
}

void SliceOrder::addHeader(const Slice& header) {
  const std::lock_guard<std::mutex> lock(mutex_);
  headers_.insert(headers_.end(), header.bytes.begin(), header.bytes.end());
}

void SliceOrder::add(Slice slice, bool keyframe, int64_t nowUs) {
  const std::lock_guard<std::mutex> lock(mutex_);
  coded_ += slice.lastMacroblock - slice.firstMacroblock + 1;
  waiting_.push_back(std::move(slice));
  if (coded_ < macroblocks_) {
    // One early part: each further wake-up takes more from encoding than it gives.
    if (next_ > 0) return;
    // What is left takes as long as what is done, by macroblocks.
    const int64_t leftUs = (nowUs - startUs_) * (macroblocks_ - coded_) / coded_;
    if (leftUs < kLeastLeadUs) return;
  }
  release(keyframe);
}

/** Hands out the slices that follow each other without a gap. */
void SliceOrder::release(bool keyframe) {
  const auto order = [](const Slice& a, const Slice& b) { return a.firstMacroblock < b.firstMacroblock; };
  std::sort(waiting_.begin(), waiting_.end(), order);
  int end = next_;
  size_t bytes = headers_.size(), count = 0;
  while (count < waiting_.size() && waiting_[count].firstMacroblock == end) {
    end = waiting_[count].lastMacroblock + 1;
    bytes += waiting_[count++].bytes.size();
  }
  const bool last = end == macroblocks_;
  if (count == 0 || (!last && bytes < kLeastPartBytes)) return;
  CodedPart part;
  part.data.reset(static_cast<uint8_t*>(malloc(bytes)));
  if (!part.data) {
    outOfMemory_ = true;
    return;
  }
  uint8_t* to = part.data.get();
  const auto append = [&to](const std::vector<uint8_t>& from) {
    if (!from.empty()) memcpy(to, from.data(), from.size());
    to += from.size();
  };
  append(headers_);
  headers_.clear();
  for (size_t i = 0; i < count; i++) {
    append(waiting_[i].bytes);
    spare_.push_back(std::move(waiting_[i]));
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + std::ptrdiff_t(count));
  part.bytes = bytes;
  part.keyframe = keyframe;
  part.last = last;
  next_ = end;
  (*out_)(std::move(part));
}

}  // namespace eglantine
