// SPDX-License-Identifier: GPL-2.0-or-later
// A viewer's microphone: Opus packets in, played into a sink whose monitor the programs record. What the network makes of their
// times is evened out by what waits at the sound server, and the two clocks by playing a little faster or slower. Owned by
// audio_addon.cc; uses pulse_link.cc.
#pragma once

#include <opus.h>
#include <pulse/pulseaudio.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "pulse_link.h"
#include "sound_capture.h"

namespace eglantine {

struct MicrophoneOptions {
  std::string server;
  std::string sink;
};

class Microphone {
 public:
  Microphone(MicrophoneOptions options, SoundCapture::Post post);
  /** Waits for the link's thread. */
  ~Microphone();

  /** From any thread; does not wait. `lost`: packets that should have come before this one. */
  void write(std::vector<uint8_t> packet, int lost);

 private:
  struct Waiting {
    std::vector<uint8_t> packet;
    int lost;
  };

  void ready();
  void tell(SoundMessage::Kind kind, const std::string& reason);
  void drain();
  void play(const Waiting& waiting);
  void put(const int16_t* samples, int frames);
  void steer();

  const MicrophoneOptions options_;
  const SoundCapture::Post post_;
  OpusDecoder* decoder_ = nullptr;
  pa_stream* stream_ = nullptr;
  pa_io_event* wakeEvent_ = nullptr;
  const int wakeFd_;
  std::mutex mutex_;
  std::vector<Waiting> waiting_;
  /** Samples of the last packet: what one that was lost is taken to have held. */
  int packetFrames_ = 960;
  int64_t steeredUs_ = 0;
  double queuedMs_ = 0;
  // Last: its thread ends before what it uses does.
  PulseLink link_;
};

}  // namespace eglantine
