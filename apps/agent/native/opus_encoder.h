// SPDX-License-Identifier: GPL-2.0-or-later
// Opus packets of 10 ms from samples: stereo, 5.1 or 7.1. Used by sound_capture.cc.
#pragma once

#include <opus_multistream.h>
#include <pulse/channelmap.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace eglantine {

constexpr int kSampleHz = 48000;
constexpr int kFrameSamples = kSampleHz / 100;

/** Where each channel belongs, in the order in which the encoder takes them: Vorbis' (RFC 7845 section 5.1.1.2). */
pa_channel_map channelMapOf(int channels);

class SoundEncoder {
 public:
  struct Settings {
    /** 2, 6 or 8. */
    int channels = 2;
    int bitrateBps = 128000;
    /** 2.5 ms sooner, and no in-band repair (OPUS_APPLICATION_RESTRICTED_LOWDELAY). */
    bool lowDelay = false;
    /** Of the packets, how many are lost: what in-band repair is for. */
    int lossPercent = 0;
  };

  /** Null when the library refuses; `error` says why. */
  static std::unique_ptr<SoundEncoder> open(const Settings& settings, std::string& error);
  ~SoundEncoder();
  SoundEncoder(const SoundEncoder&) = delete;
  SoundEncoder& operator=(const SoundEncoder&) = delete;

  /** `samples`: kFrameSamples of each channel, interleaved. Returns the packet's bytes in `packet`, or less than 1. */
  int encode(const int16_t* samples, uint8_t* packet, int maxBytes);

 private:
  explicit SoundEncoder(OpusMSEncoder* encoder) : encoder_(encoder) {}

  OpusMSEncoder* const encoder_;
};

}  // namespace eglantine
