// SPDX-License-Identifier: GPL-2.0-or-later
// Puts the slices of a picture, which threads finish in any order, into the order of the byte stream, and says when a run of
// them is worth a way of its own. From x264_encoder.cc's threads, to the stream's parts.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "encoder.h"

namespace eglantine {

/** One coded slice, as a byte stream with start code. */
struct Slice {
  int firstMacroblock = 0;
  int lastMacroblock = 0;
  std::vector<uint8_t> bytes;
};

class SliceOrder {
 public:
  /** A new picture. `out` is kept until its last part has left. */
  void begin(int macroblocks, int64_t nowUs, const std::function<void(CodedPart)>& out);
  /** An empty one, with the memory of an earlier one. From any thread. */
  Slice borrow();
  /** What stands in front of all slices: parameter sets. Before the first slice. */
  void addHeader(const Slice& header);
  /** From any thread. */
  void add(Slice slice, bool keyframe, int64_t nowUs);
  /** All of the picture has left. */
  bool complete() const { return next_ == macroblocks_; }
  bool outOfMemory() const { return outOfMemory_; }

 private:
  void release(bool keyframe);

  std::mutex mutex_;
  const std::function<void(CodedPart)>* out_ = nullptr;
  int macroblocks_ = 0;
  int64_t startUs_ = 0;
  /** Macroblocks of all slices that are there, and the first one of which no slice has left. */
  int coded_ = 0;
  int next_ = 0;
  bool outOfMemory_ = false;
  std::vector<uint8_t> headers_;
  std::vector<Slice> waiting_;
  std::vector<Slice> spare_;
};

}  // namespace eglantine
