// SPDX-License-Identifier: GPL-2.0-or-later
// What the programs play, as Opus packets of 10 ms: reads the monitor of a sink on a thread of its own, and rests while nobody
// plays or all is silent. Owned by audio_addon.cc; uses pulse_link.cc and opus_encoder.cc.
#pragma once

#include <pulse/pulseaudio.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "opus_encoder.h"
#include "pulse_link.h"

namespace eglantine {

struct SoundMessage {
  enum class Kind { ready, lost, packet };
  Kind kind = Kind::packet;
  std::vector<uint8_t> data;
  /** Of its first sample: CLOCK_MONOTONIC in steps of 1/48000 s. Packets of one sound follow each other without a gap. */
  int64_t position = 0;
  /** The first one after silence, or behind a gap. */
  bool begins = false;
  /** Why it was lost. */
  std::string reason;
};

struct CaptureOptions {
  std::string server;
  /** "@DEFAULT_SINK@" or the name of one. */
  std::string sink;
  SoundEncoder::Settings encoder;
};

/** Since start. */
struct CaptureCounters {
  std::atomic<uint64_t> wakeups{0};
  std::atomic<uint64_t> packets{0};
};

class SoundCapture {
 public:
  /** Takes a message to JavaScript's thread. Called on the link's thread. */
  using Post = std::function<void(std::unique_ptr<SoundMessage>)>;

  SoundCapture(CaptureOptions options, Post post);
  /** Waits for the link's thread. */
  ~SoundCapture();

  const CaptureCounters& counters() const { return counters_; }

 private:
  void ready();
  void lost(const std::string& reason);
  void openStream(const std::string& source);
  void read();
  void take(const int16_t* samples, size_t frames, int64_t startUs);
  void follow(int64_t due);
  void encode();

  const CaptureOptions options_;
  const Post post_;
  CaptureCounters counters_;
  std::unique_ptr<SoundEncoder> encoder_;
  pa_stream* stream_ = nullptr;
  /** Samples that make no packet yet. */
  std::vector<int16_t> pending_;
  /** Of the first of them; see SoundMessage. */
  int64_t position_ = 0;
  bool positionKnown_ = false;
  /** How far the clock was ahead of it at the last looks, at least. */
  int64_t leastOffset_ = 0;
  int looks_ = 0;
  /** Frames of digital silence up to now. */
  int64_t silentFrames_ = 0;
  bool silent_ = true;
  /** The next packet follows no other one. */
  bool begins_ = true;
  // Last: its thread ends before what it uses does.
  PulseLink link_;
};

}  // namespace eglantine
