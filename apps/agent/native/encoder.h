// SPDX-License-Identifier: GPL-2.0-or-later
// What stream.cc asks of an encoder; x264_encoder.cc and nvenc_encoder.cc are the family. From picture.h to addon.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "picture.h"

namespace eglantine {

enum class Codec { h264, h265, av1 };

struct EncoderSettings {
  Codec codec = Codec::h264;
  int widthPx = 0;
  int heightPx = 0;
  int framesPerSecond = 60;
  int64_t bitrateBps = 0;
};

struct EncodeRequest {
  const Picture& picture;
  bool keyframe;
  /** For encoders that leave rate control to rate.cc: the quantizer of the whole picture, 0 to 51. */
  int quantizer;
  /** By macroblock: 1 when it is as it was coded last and need not get sharper. */
  const std::vector<uint8_t>& settled;
};

struct CodedPicture {
  std::unique_ptr<uint8_t, decltype(&free)> data{nullptr, &free};
  size_t bytes = 0;
  bool keyframe = false;
};

class Encoder {
 public:
  virtual ~Encoder() = default;
  /** True when the encoder keeps to the bitrate by itself; otherwise the request's quantizer decides. */
  virtual bool controlsRate() const = 0;
  /** Codes one picture at once. On failure says why and the encoder is of no more use. */
  virtual bool encode(const EncodeRequest& request, CodedPicture& coded, std::string& error) = 0;
  /** New bitrate and frame rate from the next picture on, without an IDR. */
  virtual bool reconfigure(int framesPerSecond, int64_t bitrateBps, std::string& error) = 0;
};

/** Opens an encoder, or says why not and returns nothing. */
std::unique_ptr<Encoder> openX264(const EncoderSettings& settings, std::string& error);
std::unique_ptr<Encoder> openNvenc(const EncoderSettings& settings, std::string& error);

}  // namespace eglantine
