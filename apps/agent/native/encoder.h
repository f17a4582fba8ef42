// SPDX-License-Identifier: GPL-2.0-or-later
// What stream.cc asks of an encoder. encoders.cc opens one of the family by name. From picture.h to addon.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "picture.h"

namespace eglantine {

struct EncoderSettings {
  int widthPx = 0;
  int heightPx = 0;
  int framesPerSecond = 60;
  int64_t bitrateBps = 0;
  /** The pictures have full-size colour planes; otherwise they are NV12. */
  bool chroma444 = false;
};

/** It has changed or gets sharper. */
constexpr uint8_t kCode = 0;
/** It has not changed since it was coded, and not more coarsely than with this picture's quantizer. */
constexpr uint8_t kSettled = 1;
/** It has not changed; it was coded more coarsely, and is to be left so for now. */
constexpr uint8_t kLeave = 2;

struct EncodeRequest {
  const Picture& picture;
  bool keyframe;
  /** Nothing moves in it: what was coarse gets sharp, and the processor has time to save bits. */
  bool refinement;
  /** For encoders that leave rate control to rate.cc: the quantizer of the whole picture, 0 to 51. */
  int quantizer;
  /** By macroblock, for the same encoders: one of the three below. */
  const std::vector<uint8_t>& treatment;
};

/** A whole coded picture, or the next run of its slices. */
struct CodedPart {
  std::unique_ptr<uint8_t, decltype(&free)> data{nullptr, &free};
  size_t bytes = 0;
  /** The same in all parts of a picture. */
  bool keyframe = false;
  /** Nothing of this picture follows. */
  bool last = true;
};

class Encoder {
 public:
  virtual ~Encoder() = default;
  /** True when the encoder keeps to the bitrate by itself; otherwise the request's quantizer decides. */
  virtual bool controlsRate() const = 0;
  /** True when it leaves alone what `treatment` says; otherwise all of each picture gets as fine as its quantizer. */
  virtual bool codesPartly() const { return false; }
  /** The coarsest of its quantizers with which nobody tells text from the screen, of half-size or of full-size colour. */
  virtual int sharpQuantizer(bool chroma444) const { return chroma444 ? 13 : 17; }
  /**
   * Codes one picture at once and calls `out` for each part as it is ready, in the order of the byte stream and on the
   * calling thread or another, but never two calls at a time and none after the return. On failure says why and the
   * encoder is of no more use; a picture that was begun then stays without its last part.
   */
  virtual bool encode(const EncodeRequest& request, const std::function<void(CodedPart)>& out, std::string& error) = 0;
  /** New bitrate and frame rate from the next picture on, without an IDR. */
  virtual bool reconfigure(int framesPerSecond, int64_t bitrateBps, std::string& error) = 0;
};

}  // namespace eglantine
