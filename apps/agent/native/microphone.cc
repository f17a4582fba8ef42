// SPDX-License-Identifier: GPL-2.0-or-later
// See microphone.h. All but write() runs on the link's thread.

#include "microphone.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "clock.h"
#include "opus_encoder.h"

namespace eglantine {
namespace {

/** What waits at the sound server before it plays, after a pause too, and at most. */
constexpr int kStartMs = 50;
constexpr int kMostMs = 250;
/** What is aimed at. */
constexpr double kTargetMs = 60;
/** The rate is set so often; a whole packet too much is worked off in about ten seconds, which nobody hears. */
constexpr int64_t kSteerUs = 500000;
constexpr double kRatePerMs = 0.0001;
constexpr double kRateMost = 0.005;
/** Longer gaps are silence. */
constexpr int kMostConcealed = 5;
/** Packets that wait for the connection to stand. */
constexpr size_t kMostWaiting = 50;
/** The longest that Opus codes, 120 ms. */
constexpr int kMostFrames = kSampleHz * 120 / 1000;

uint32_t bytesOf(int ms) { return static_cast<uint32_t>(kSampleHz / 1000 * ms * static_cast<int>(sizeof(int16_t))); }

}  // namespace

Microphone::Microphone(MicrophoneOptions options, SoundCapture::Post post)
    : options_(std::move(options)),
      post_(std::move(post)),
      wakeFd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      link_(
          options_.server, [this] { ready(); },
          [this](const std::string& reason) { tell(SoundMessage::Kind::lost, reason); }) {
  int status = OPUS_OK;
  decoder_ = opus_decoder_create(kSampleHz, 1, &status);
  link_.start();
}

Microphone::~Microphone() {
  link_.stop();
  if (wakeEvent_ != nullptr) link_.api()->io_free(wakeEvent_);
  if (stream_ != nullptr) {
    pa_stream_set_state_callback(stream_, nullptr, nullptr);
    pa_stream_disconnect(stream_);
    pa_stream_unref(stream_);
  }
  opus_decoder_destroy(decoder_);
  close(wakeFd_);
}

void Microphone::write(std::vector<uint8_t> packet, int lost) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (waiting_.size() >= kMostWaiting) waiting_.erase(waiting_.begin());
    waiting_.push_back({std::move(packet), lost});
  }
  const uint64_t one = 1;
  // It can only fail when it is readable already.
  if (::write(wakeFd_, &one, sizeof one) < 0) return;
}

void Microphone::tell(SoundMessage::Kind kind, const std::string& reason) {
  auto message = std::make_unique<SoundMessage>();
  message->kind = kind;
  message->reason = reason;
  post_(std::move(message));
}

void Microphone::ready() {
  if (decoder_ == nullptr) {
    link_.fail("Opus: no decoder");
    return;
  }
  pa_sample_spec spec;
  spec.format = PA_SAMPLE_S16NE;
  spec.rate = kSampleHz;
  spec.channels = 1;
  stream_ = pa_stream_new(link_.context(), "a viewer's microphone", &spec, nullptr);
  if (stream_ == nullptr) {
    link_.fail("no stream: " + link_.error());
    return;
  }
  pa_stream_set_state_callback(
      stream_,
      [](pa_stream* stream, void* self) {
        auto* const microphone = static_cast<Microphone*>(self);
        if (pa_stream_get_state(stream) == PA_STREAM_READY) {
          microphone->tell(SoundMessage::Kind::ready, "");
          microphone->drain();
        } else if (!PA_STREAM_IS_GOOD(pa_stream_get_state(stream))) {
          microphone->link_.fail("no sink " + microphone->options_.sink + ": " + microphone->link_.error());
        }
      },
      this);
  wakeEvent_ = link_.api()->io_new(
      link_.api(), wakeFd_, PA_IO_EVENT_INPUT,
      [](pa_mainloop_api*, pa_io_event*, int fd, pa_io_event_flags_t, void* self) {
        uint64_t count = 0;
        if (read(fd, &count, sizeof count) > 0) static_cast<Microphone*>(self)->drain();
      },
      this);
  pa_buffer_attr buffer;
  buffer.fragsize = buffer.minreq = static_cast<uint32_t>(-1);
  buffer.tlength = buffer.maxlength = bytesOf(kMostMs);
  buffer.prebuf = bytesOf(kStartMs);
  const auto flags = static_cast<pa_stream_flags_t>(PA_STREAM_VARIABLE_RATE | PA_STREAM_DONT_MOVE |
                                                    PA_STREAM_INTERPOLATE_TIMING | PA_STREAM_AUTO_TIMING_UPDATE);
  if (pa_stream_connect_playback(stream_, options_.sink.c_str(), &buffer, flags, nullptr, nullptr) < 0) {
    link_.fail("no sink " + options_.sink + ": " + link_.error());
  }
}

void Microphone::drain() {
  if (stream_ == nullptr || pa_stream_get_state(stream_) != PA_STREAM_READY) return;
  std::vector<Waiting> waiting;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    waiting.swap(waiting_);
  }
  for (const Waiting& one : waiting) play(one);
  steer();
}

void Microphone::play(const Waiting& waiting) {
  std::vector<int16_t> samples(kMostFrames);
  const auto* const packet = waiting.packet.data();
  const auto bytes = static_cast<opus_int32>(waiting.packet.size());
  const int lost = std::min(waiting.lost, kMostConcealed);
  for (int missing = lost; missing > 0; --missing) {
    // The last one that is missing may stand in this one (in-band repair); libopus itself conceals where it does not.
    const int frames = missing == 1 ? opus_decode(decoder_, packet, bytes, samples.data(), packetFrames_, 1)
                                    : opus_decode(decoder_, nullptr, 0, samples.data(), packetFrames_, 0);
    put(samples.data(), frames);
  }
  const int frames = opus_decode(decoder_, packet, bytes, samples.data(), kMostFrames, 0);
  if (frames > 0) packetFrames_ = frames;
  put(samples.data(), frames);
}

void Microphone::put(const int16_t* samples, int frames) {
  const size_t bytes = sizeof(int16_t) * static_cast<size_t>(std::max(0, frames));
  // More than is to wait: the newest is left out until there is room again.
  if (bytes == 0 || pa_stream_writable_size(stream_) < bytes) return;
  pa_stream_write(stream_, samples, bytes, nullptr, 0, PA_SEEK_RELATIVE);
}

void Microphone::steer() {
  const int64_t nowUs = monotonicUs();
  const pa_timing_info* const timing = pa_stream_get_timing_info(stream_);
  if (timing == nullptr || timing->write_index_corrupt != 0 || timing->read_index_corrupt != 0) return;
  const double queuedMs = double(timing->write_index - timing->read_index) / bytesOf(1);
  queuedMs_ += (queuedMs - queuedMs_) * 0.1;
  if (nowUs - steeredUs_ < kSteerUs) return;
  steeredUs_ = nowUs;
  const double change = std::clamp((queuedMs_ - kTargetMs) * kRatePerMs, -kRateMost, kRateMost);
  pa_operation* const operation =
      pa_stream_update_sample_rate(stream_, static_cast<uint32_t>(kSampleHz * (1 + change)), nullptr, nullptr);
  if (operation != nullptr) pa_operation_unref(operation);
}

}  // namespace eglantine
