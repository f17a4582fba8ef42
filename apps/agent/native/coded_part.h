// SPDX-License-Identifier: GPL-2.0-or-later
// A coded picture as memory of its own. From the encoders to stream.cc.
#pragma once

#include <cstring>
#include <string>

#include "encoder.h"

namespace eglantine {

/** Empty, with a reason in `error`, when there is no memory. */
inline CodedPart wholePicture(const void* data, size_t bytes, bool keyframe, std::string& error) {
  CodedPart part;
  part.data.reset(static_cast<uint8_t*>(malloc(bytes)));
  if (!part.data) {
    error = "out of memory";
    return part;
  }
  memcpy(part.data.get(), data, bytes);
  part.bytes = bytes;
  part.keyframe = keyframe;
  part.last = true;
  return part;
}

/**
 * Bytes in front of an AV1 temporal unit that are a temporal delimiter (AV1 specification 5.3.2): RTP leaves it out ("RTP
 * Payload Format For AV1", 5), and WebCodecs' decoders do without.
 */
inline size_t temporalDelimiterBytes(const uint8_t* data, size_t bytes) {
  // obu_type 2, obu_has_size_field, obu_size 0
  return bytes >= 2 && data[0] == 0x12 && data[1] == 0 ? 2 : 0;
}

/** Threads for one encoder: more than four gain little and take the desktop's cores. */
constexpr unsigned kMostEncoderThreads = 4;

}  // namespace eglantine
