// SPDX-License-Identifier: GPL-2.0-or-later
// See opus_encoder.h. The multistream interface makes ordinary packets of stereo.

#include "opus_encoder.h"

#include <opus.h>

namespace eglantine {
namespace {

/** Of 10. Above it, libopus 1.3 spends twice the time on differences that nobody has heard at these bitrates. */
constexpr int kComplexity = 5;

}  // namespace

pa_channel_map channelMapOf(int channels) {
  pa_channel_map map;
  pa_channel_map_init(&map);
  map.channels = static_cast<uint8_t>(channels);
  if (channels == 2) return *pa_channel_map_init_stereo(&map);
  map.map[0] = PA_CHANNEL_POSITION_FRONT_LEFT;
  map.map[1] = PA_CHANNEL_POSITION_FRONT_CENTER;
  map.map[2] = PA_CHANNEL_POSITION_FRONT_RIGHT;
  int next = 3;
  if (channels == 8) {
    map.map[next++] = PA_CHANNEL_POSITION_SIDE_LEFT;
    map.map[next++] = PA_CHANNEL_POSITION_SIDE_RIGHT;
  }
  map.map[next++] = PA_CHANNEL_POSITION_REAR_LEFT;
  map.map[next++] = PA_CHANNEL_POSITION_REAR_RIGHT;
  map.map[next] = PA_CHANNEL_POSITION_LFE;
  return map;
}

std::unique_ptr<SoundEncoder> SoundEncoder::open(const Settings& settings, std::string& error) {
  int streams = 0;
  int coupled = 0;
  unsigned char mapping[8] = {};
  int status = OPUS_OK;
  OpusMSEncoder* const encoder = opus_multistream_surround_encoder_create(
      kSampleHz, settings.channels, settings.channels > 2 ? 1 : 0, &streams, &coupled, mapping,
      settings.lowDelay ? OPUS_APPLICATION_RESTRICTED_LOWDELAY : OPUS_APPLICATION_AUDIO, &status);
  if (encoder == nullptr) {
    error = opus_strerror(status);
    return nullptr;
  }
  opus_multistream_encoder_ctl(encoder, OPUS_SET_BITRATE(settings.bitrateBps));
  opus_multistream_encoder_ctl(encoder, OPUS_SET_COMPLEXITY(kComplexity));
  opus_multistream_encoder_ctl(encoder, OPUS_SET_INBAND_FEC(settings.lossPercent > 0 ? 1 : 0));
  opus_multistream_encoder_ctl(encoder, OPUS_SET_PACKET_LOSS_PERC(settings.lossPercent));
  return std::unique_ptr<SoundEncoder>(new SoundEncoder(encoder));
}

SoundEncoder::~SoundEncoder() { opus_multistream_encoder_destroy(encoder_); }

int SoundEncoder::encode(const int16_t* samples, uint8_t* packet, int maxBytes) {
  return opus_multistream_encode(encoder_, samples, kFrameSamples, packet, maxBytes);
}

}  // namespace eglantine
