// SPDX-License-Identifier: GPL-2.0-or-later
// VA-API on AMD's and Intel's GPUs by way of Debian's libavcodec. From stream.cc (a picture), back to it (an access unit). The
// driver keeps to the bitrate by itself; libavcodec tells it a new one only when it is opened anew, with a keyframe: that
// is done when it is much different, and not often.

#include <algorithm>
#include <cstdarg>
#include <cstdio>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/hwcontext.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
}

#include "clock.h"
#include "coded_part.h"
#include "encoder_module.h"
#include "render_nodes.h"

namespace eglantine {
namespace {

/** Room for bursts, in frames. */
constexpr double kVbvFrames = 2;
/** A new bitrate is worth a keyframe when it is this much less or more than the one in use, and so long after the last. */
constexpr double kMuchLess = 0.8;
constexpr double kMuchMore = 1.4;
constexpr int64_t kLessAfterUs = 500000;
constexpr int64_t kMoreAfterUs = 3000000;
/** Surfaces on the GPU: the picture that is coded, the one it refers to, and room for the driver. */
constexpr int kSurfaces = 8;

/** What libavcodec complained of last, on this thread. */
thread_local std::string complaint;

void keepComplaint(void*, int level, const char* format, va_list arguments) {
  if (level > AV_LOG_ERROR) return;
  char line[256];
  vsnprintf(line, sizeof line, format, arguments);
  complaint = line;
  while (!complaint.empty() && (complaint.back() == '\n' || complaint.back() == '.')) complaint.pop_back();
}

struct FreeContext {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
struct FreeFrame {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};
struct FreePacket {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
struct FreeReference {
  void operator()(AVBufferRef* reference) const { av_buffer_unref(&reference); }
};

class VaapiEncoder final : public Encoder {
 public:
  /** @param name libavcodec's */
  bool open(const std::string& name, const EncoderSettings& settings, std::string& error) {
    av_log_set_callback(keepComplaint);
    settings_ = settings;
    codec_ = avcodec_find_encoder_by_name(name.c_str());
    if (codec_ == nullptr) {
      error = "libavcodec " + std::string(av_version_info()) + " has no encoder " + name;
      return false;
    }
    return openOnDevices(error);
  }

  bool controlsRate() const override { return true; }

  bool encode(const EncodeRequest& request, const std::function<void(CodedPart)>& out, std::string& error) override {
    if (rateIsOff() && !openContext(error)) return false;
    if (!upload(request.picture, error)) return false;
    surface_->pts = frames_++;
    surface_->pict_type = request.keyframe ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    const bool sent = check(avcodec_send_frame(context_.get(), surface_.get()), "a picture", error);
    av_frame_unref(surface_.get());
    if (!sent) return false;
    if (!check(avcodec_receive_packet(context_.get(), packet_.get()), "waiting for a picture", error)) return false;
    const size_t skipped = codec_->id == AV_CODEC_ID_AV1 ? temporalDelimiterBytes(packet_->data, size_t(packet_->size)) : 0;
    CodedPart part = wholePicture(packet_->data + skipped, size_t(packet_->size) - skipped,
                                  (packet_->flags & AV_PKT_FLAG_KEY) != 0, error);
    av_packet_unref(packet_.get());
    if (!part.data) return false;
    out(std::move(part));
    return true;
  }

  bool reconfigure(int framesPerSecond, int64_t bitrateBps, std::string&) override {
    settings_.framesPerSecond = framesPerSecond;
    settings_.bitrateBps = bitrateBps;
    return true;
  }

 private:
  bool check(int result, const char* step, std::string& error) {
    if (result >= 0) return true;
    char text[AV_ERROR_MAX_STRING_SIZE];
    error = std::string("libavcodec: ") + step + " failed: " + av_make_error_string(text, sizeof text, result);
    if (!complaint.empty()) error += " (" + complaint + ")";
    return false;
  }

  bool rateIsOff() const {
    const double ratio = double(settings_.bitrateBps) / double(openedBps_);
    const int64_t sinceUs = monotonicUs() - openedUs_;
    return (ratio < kMuchLess && sinceUs > kLessAfterUs) || (ratio > kMuchMore && sinceUs > kMoreAfterUs);
  }

  bool openOnDevices(std::string& error) {
    std::string reasons;
    for (const std::string& node : renderNodes()) {
      complaint.clear();
      AVBufferRef* device = nullptr;
      if (check(av_hwdevice_ctx_create(&device, AV_HWDEVICE_TYPE_VAAPI, node.c_str(), nullptr, 0), "VA-API", error)) {
        device_.reset(device);
        // Newer GPUs of Intel have the low-power encoder alone.
        for (lowPower_ = 0; lowPower_ < 2; lowPower_++) {
          if (openContext(error)) return true;
        }
      }
      reasons += (reasons.empty() ? "" : "; ") + node + ": " + error;
    }
    if (!reasons.empty()) error = reasons;
    return false;
  }

  bool openContext(std::string& error) {
    complaint.clear();
    context_.reset(avcodec_alloc_context3(codec_));
    packet_.reset(av_packet_alloc());
    surface_.reset(av_frame_alloc());
    memory_.reset(av_frame_alloc());
    if (!context_ || !packet_ || !surface_ || !memory_) {
      error = "out of memory";
      return false;
    }
    AVCodecContext& context = *context_;
    context.width = settings_.widthPx;
    context.height = settings_.heightPx;
    context.time_base = {1, settings_.framesPerSecond};
    context.framerate = {settings_.framesPerSecond, 1};
    context.pix_fmt = AV_PIX_FMT_VAAPI;
    context.gop_size = 1 << 20;
    context.max_b_frames = 0;
    context.flags |= AV_CODEC_FLAG_LOW_DELAY;
    context.bit_rate = context.rc_max_rate = settings_.bitrateBps;
    context.rc_buffer_size = int(double(settings_.bitrateBps) / settings_.framesPerSecond * kVbvFrames);
    context.rc_initial_buffer_occupancy = context.rc_buffer_size;
    context.color_range = AVCOL_RANGE_MPEG;
    context.color_primaries = AVCOL_PRI_BT709;
    context.color_trc = AVCOL_TRC_BT709;
    context.colorspace = AVCOL_SPC_BT709;
    openedBps_ = settings_.bitrateBps;
    openedUs_ = monotonicUs();
    return setUp(error) && check(avcodec_open2(&context, codec_, nullptr), "opening", error);
  }

  bool setUp(std::string& error) {
    AVCodecContext& context = *context_;
    const std::unique_ptr<AVBufferRef, FreeReference> frames(av_hwframe_ctx_alloc(device_.get()));
    if (!frames) {
      error = "out of memory";
      return false;
    }
    auto* const pool = reinterpret_cast<AVHWFramesContext*>(frames->data);
    pool->format = AV_PIX_FMT_VAAPI;
    pool->sw_format = AV_PIX_FMT_NV12;
    pool->width = settings_.widthPx;
    pool->height = settings_.heightPx;
    pool->initial_pool_size = kSurfaces;
    if (!check(av_hwframe_ctx_init(frames.get()), "surfaces on the GPU", error)) return false;
    context.hw_frames_ctx = av_buffer_ref(frames.get());
    // Each codec knows some of these; one that it does not know is not set.
    av_opt_set_int(context.priv_data, "async_depth", 1, 0);
    av_opt_set_int(context.priv_data, "low_power", lowPower_, 0);
    av_opt_set_int(context.priv_data, "idr_interval", 0, 0);
    av_opt_set(context.priv_data, "sei", "0", 0);
    if (codec_->id == AV_CODEC_ID_H264) context.profile = FF_PROFILE_H264_CONSTRAINED_BASELINE;
    return true;
  }

  bool upload(const Picture& picture, std::string& error) {
    AVFrame& memory = *memory_;
    memory.format = AV_PIX_FMT_NV12;
    memory.width = picture.widthPx;
    memory.height = picture.heightPx;
    memory.data[0] = picture.luma;
    memory.data[1] = picture.chroma;
    memory.linesize[0] = memory.linesize[1] = picture.stride;
    return check(av_hwframe_get_buffer(context_->hw_frames_ctx, surface_.get(), 0), "a surface on the GPU", error) &&
           check(av_hwframe_transfer_data(surface_.get(), &memory, 0), "copying to the GPU", error);
  }

  EncoderSettings settings_;
  const AVCodec* codec_ = nullptr;
  int lowPower_ = 0;
  std::unique_ptr<AVBufferRef, FreeReference> device_;
  std::unique_ptr<AVCodecContext, FreeContext> context_;
  std::unique_ptr<AVFrame, FreeFrame> memory_, surface_;
  std::unique_ptr<AVPacket, FreePacket> packet_;
  int64_t openedBps_ = 1;
  int64_t openedUs_ = 0;
  int64_t frames_ = 0;
};

}  // namespace
}  // namespace eglantine

/** `what`: libavcodec's name of the encoder. */
EGLANTINE_ENCODER_MODULE eglantine::Encoder* eglantineOpenEncoder(const std::string& what,
                                                                  const eglantine::EncoderSettings& settings,
                                                                  std::string& error) {
  auto encoder = std::make_unique<eglantine::VaapiEncoder>();
  return encoder->open(what, settings, error) ? encoder.release() : nullptr;
}
