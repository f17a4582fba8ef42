// SPDX-License-Identifier: GPL-2.0-or-later
// See sound_capture.h. Everything here runs on the link's thread.

#include "sound_capture.h"

#include <algorithm>
#include <utility>

#include "clock.h"

namespace eglantine {
namespace {

/** Digital silence goes out for so long, so that what was heard before fades to its end there; then nothing does. */
constexpr int64_t kSilenceFrames = kSampleHz / 5;
/** Positions that are this far from the clock, and stay so for the time of so many packets, are set anew. */
constexpr int64_t kGapFrames = kSampleHz * 30 / 1000;
constexpr int kGapLooks = 50;
/** The largest packet that libopus may make of 10 ms, 8 channels. */
constexpr int kMaxPacketBytes = 4000;

int64_t positionAt(int64_t us) { return us * (kSampleHz / 1000) / 1000; }

bool isSilent(const int16_t* samples, size_t count) {
  return std::all_of(samples, samples + count, [](int16_t sample) { return sample == 0; });
}

}  // namespace

SoundCapture::SoundCapture(CaptureOptions options, Post post)
    : options_(std::move(options)),
      post_(std::move(post)),
      link_(
          options_.server, [this] { ready(); }, [this](const std::string& reason) { lost(reason); }) {
  link_.start();
}

SoundCapture::~SoundCapture() {
  link_.stop();
  if (stream_ == nullptr) return;
  pa_stream_set_read_callback(stream_, nullptr, nullptr);
  pa_stream_set_state_callback(stream_, nullptr, nullptr);
  pa_stream_disconnect(stream_);
  pa_stream_unref(stream_);
}

void SoundCapture::lost(const std::string& reason) {
  auto message = std::make_unique<SoundMessage>();
  message->kind = SoundMessage::Kind::lost;
  message->reason = reason;
  post_(std::move(message));
}

void SoundCapture::ready() {
  std::string error;
  encoder_ = SoundEncoder::open(options_.encoder, error);
  if (encoder_ == nullptr) {
    link_.fail("Opus: " + error);
    return;
  }
  pa_operation* const asked = pa_context_get_sink_info_by_name(
      link_.context(), options_.sink.c_str(),
      [](pa_context*, const pa_sink_info* sink, int end, void* self) {
        auto* const capture = static_cast<SoundCapture*>(self);
        if (sink != nullptr) capture->openStream(sink->monitor_source_name);
        else if (end < 0) capture->link_.fail("no sink " + capture->options_.sink + ": " + capture->link_.error());
      },
      this);
  if (asked != nullptr) pa_operation_unref(asked);
}

void SoundCapture::openStream(const std::string& source) {
  pa_sample_spec spec;
  spec.format = PA_SAMPLE_S16NE;
  spec.rate = kSampleHz;
  spec.channels = static_cast<uint8_t>(options_.encoder.channels);
  const pa_channel_map map = channelMapOf(options_.encoder.channels);
  stream_ = pa_stream_new(link_.context(), "the desktop's sound", &spec, &map);
  if (stream_ == nullptr) {
    link_.fail("no stream: " + link_.error());
    return;
  }
  pa_buffer_attr buffer;
  buffer.maxlength = buffer.tlength = buffer.prebuf = buffer.minreq = static_cast<uint32_t>(-1);
  buffer.fragsize = static_cast<uint32_t>(kFrameSamples * pa_frame_size(&spec));
  pa_stream_set_state_callback(
      stream_,
      [](pa_stream* stream, void* self) {
        auto* const capture = static_cast<SoundCapture*>(self);
        switch (pa_stream_get_state(stream)) {
          case PA_STREAM_READY: {
            auto message = std::make_unique<SoundMessage>();
            message->kind = SoundMessage::Kind::ready;
            capture->post_(std::move(message));
            break;
          }
          case PA_STREAM_FAILED:
          case PA_STREAM_TERMINATED:
            capture->link_.fail("the monitor can't be read: " + capture->link_.error());
            break;
          default:
            break;
        }
      },
      this);
  pa_stream_set_read_callback(
      stream_, [](pa_stream*, size_t, void* self) { static_cast<SoundCapture*>(self)->read(); }, this);
  // The server may suspend the sink while nobody plays: then nothing comes and nobody wakes. It resumes before the first sample
  // is played, so that nothing of it is missed.
  const auto flags = static_cast<pa_stream_flags_t>(PA_STREAM_ADJUST_LATENCY | PA_STREAM_DONT_MOVE |
                                                    PA_STREAM_DONT_INHIBIT_AUTO_SUSPEND);
  if (pa_stream_connect_record(stream_, source.c_str(), &buffer, flags) < 0) {
    link_.fail("the monitor can't be read: " + link_.error());
  }
}

void SoundCapture::read() {
  counters_.wakeups += 1;
  const size_t frameBytes = sizeof(int16_t) * static_cast<size_t>(options_.encoder.channels);
  const size_t frames = pa_stream_readable_size(stream_) / frameBytes;
  // All of it is here: the last sample was played a moment ago.
  int64_t startUs = monotonicUs() - int64_t(frames) * 1000000 / kSampleHz;
  while (pa_stream_readable_size(stream_) > 0) {
    const void* data = nullptr;
    size_t bytes = 0;
    if (pa_stream_peek(stream_, &data, &bytes) < 0 || bytes == 0) return;
    const size_t taken = bytes / frameBytes;
    // A hole has a length and no data.
    if (data == nullptr) positionKnown_ = false;
    else take(static_cast<const int16_t*>(data), taken, startUs);
    startUs += int64_t(taken) * 1000000 / kSampleHz;
    pa_stream_drop(stream_);
  }
}

void SoundCapture::take(const int16_t* samples, size_t frames, int64_t startUs) {
  const auto channels = static_cast<size_t>(options_.encoder.channels);
  follow(positionAt(startUs) - int64_t(pending_.size() / channels));
  pending_.insert(pending_.end(), samples, samples + frames * channels);
  while (pending_.size() >= kFrameSamples * channels) encode();
}

/** A late thread makes samples look late, none makes them look early: of several looks the earliest is right. */
void SoundCapture::follow(int64_t due) {
  const int64_t offset = due - position_;
  leastOffset_ = looks_ == 0 ? offset : std::min(leastOffset_, offset);
  looks_ += 1;
  const bool gap = offset < -kGapFrames || (looks_ >= kGapLooks && leastOffset_ > kGapFrames);
  // While nothing goes out nobody hears a jump.
  if (!positionKnown_ || gap || (silent_ && (offset < 0 || offset > kGapFrames))) {
    position_ = gap && offset > 0 ? position_ + leastOffset_ : due;
    positionKnown_ = true;
    begins_ = true;
    looks_ = 0;
  } else if (looks_ >= kGapLooks) {
    looks_ = 0;
  }
}

void SoundCapture::encode() {
  const size_t count = static_cast<size_t>(kFrameSamples) * static_cast<size_t>(options_.encoder.channels);
  if (isSilent(pending_.data(), count)) silentFrames_ += kFrameSamples;
  else silentFrames_ = 0;
  silent_ = silentFrames_ > 0 && (silent_ || silentFrames_ >= kSilenceFrames);
  if (silent_) begins_ = true;
  if (!silent_) {
    auto message = std::make_unique<SoundMessage>();
    message->data.resize(kMaxPacketBytes);
    const int bytes = encoder_->encode(pending_.data(), message->data.data(), kMaxPacketBytes);
    if (bytes > 0) {
      message->data.resize(static_cast<size_t>(bytes));
      message->position = position_;
      message->begins = begins_;
      begins_ = false;
      counters_.packets += 1;
      post_(std::move(message));
    }
  }
  position_ += kFrameSamples;
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace eglantine
