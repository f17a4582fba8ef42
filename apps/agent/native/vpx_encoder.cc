// SPDX-License-Identifier: GPL-2.0-or-later
// VP8 and VP9 on the CPU. From stream.cc (a picture and its quantizer), back to it (a frame).
//
// libvpx itself and not by way of libavcodec: that offers no bitrate, quantizer or active map at run time, and would have to
// be opened anew, with a keyframe, whenever the network changes. Rate control is rate.cc's: both bounds of libvpx's own
// are set to one quantizer.

#include <vpx/vp8cx.h>
#include <vpx/vpx_encoder.h>

#include <algorithm>
#include <thread>

#include "active_map.h"
#include "coded_part.h"
#include "encoder_module.h"
#include "quantizer_scale.h"

namespace eglantine {
namespace {

/** Never a bound for libvpx's own rate control, kbit/s. */
constexpr unsigned kNoLimitKbps = 200000;
/** Negative: this very speed, whatever the machine. From -5 on, a third faster, colours stay 10 dB behind the luma. */
constexpr int kVp8Speed = -4;
/** The fastest for real time. */
constexpr int kVp9Speed = 9;
constexpr int kVp9LeastTilePx = 256;

class VpxEncoder final : public Encoder {
 public:
  explicit VpxEncoder(bool vp9) : vp9_(vp9) {}

  ~VpxEncoder() override {
    if (opened_) vpx_codec_destroy(&codec_);
  }

  bool open(const EncoderSettings& settings, std::string& error) {
    vpx_codec_iface_t* const interface = vp9_ ? vpx_codec_vp9_cx() : vpx_codec_vp8_cx();
    if (vpx_codec_enc_config_default(interface, &config_, 0) != VPX_CODEC_OK) {
      error = "libvpx has no settings";
      return false;
    }
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    config_.g_w = unsigned(settings.widthPx);
    config_.g_h = unsigned(settings.heightPx);
    // VP8's threads wait for each other by spinning: on a busy machine of few cores a picture takes fifty times as long.
    config_.g_threads = vp9_ ? std::min(kMostEncoderThreads, cores) : cores >= 4 ? 2 : 1;
    config_.g_timebase = {1, settings.framesPerSecond};
    config_.g_lag_in_frames = 0;
    config_.g_error_resilient = 0;
    config_.g_pass = VPX_RC_ONE_PASS;
    config_.kf_mode = VPX_KF_DISABLED;
    config_.rc_end_usage = VPX_CBR;
    config_.rc_target_bitrate = kNoLimitKbps;
    config_.rc_dropframe_thresh = 0;
    config_.rc_resize_allowed = 0;
    setQuantizer(32);
    if (vpx_codec_enc_init(&codec_, interface, &config_, 0) != VPX_CODEC_OK) {
      const char* const detail = vpx_codec_error_detail(&codec_);
      error = std::string("libvpx: ") + vpx_codec_error(&codec_) + (detail != nullptr ? std::string(", ") + detail : "");
      return false;
    }
    opened_ = true;
    control(VP8E_SET_CPUUSED, vp9_ ? kVp9Speed : kVp8Speed);
    // Above 0, what has little error in its luma is skipped, and its colours stay wrong.
    control(VP8E_SET_STATIC_THRESHOLD, 0);
    if (vp9_) {
      int columns = 0;
      while ((settings.widthPx >> (columns + 1)) >= kVp9LeastTilePx && (2U << columns) <= config_.g_threads) columns++;
      control(VP9E_SET_TILE_COLUMNS, columns);
      control(VP9E_SET_ROW_MT, 1U);
      control(VP9E_SET_AQ_MODE, 0U);
      control(VP9E_SET_FRAME_PARALLEL_DECODING, 0U);
      control(VP9E_SET_TUNE_CONTENT, int(VP9E_CONTENT_SCREEN));
      control(VP9E_SET_COLOR_SPACE, int(VPX_CS_BT_709));
      control(VP9E_SET_COLOR_RANGE, int(VPX_CR_STUDIO_RANGE));
    } else {
      // Not the mode for screens: it holds the quantizer of the picture before, and text takes seconds to get sharp.
      control(VP8E_SET_TOKEN_PARTITIONS, int(config_.g_threads > 1 ? VP8_TWO_TOKENPARTITION : VP8_ONE_TOKENPARTITION));
    }
    return true;
  }

  bool controlsRate() const override { return false; }
  bool codesPartly() const override { return true; }

  bool encode(const EncodeRequest& request, const std::function<void(CodedPart)>& out, std::string& error) override {
    const Picture& picture = request.picture;
    const int quantizer = quantizerOf(request.quantizer);
    if (quantizer != int(config_.rc_max_quantizer)) {
      setQuantizer(quantizer);
      if (vpx_codec_enc_config_set(&codec_, &config_) != VPX_CODEC_OK) return fail("new quantizer", error);
    }
    activeMap_.apply<vpx_active_map_t>(request, [this](vpx_active_map_t* map) { control(VP8E_SET_ACTIVEMAP, map); });
    vpx_image_t image;
    vpx_img_wrap(&image, VPX_IMG_FMT_NV12, unsigned(picture.widthPx), unsigned(picture.heightPx), 1, picture.luma);
    image.planes[VPX_PLANE_U] = picture.chroma;
    image.planes[VPX_PLANE_V] = picture.chroma + 1;
    image.stride[VPX_PLANE_Y] = image.stride[VPX_PLANE_U] = image.stride[VPX_PLANE_V] = picture.stride;
    image.cs = VPX_CS_BT_709;
    image.range = VPX_CR_STUDIO_RANGE;
    const vpx_enc_frame_flags_t flags = request.keyframe ? VPX_EFLAG_FORCE_KF : 0;
    if (vpx_codec_encode(&codec_, &image, frames_++, 1, flags, VPX_DL_REALTIME) != VPX_CODEC_OK) {
      return fail("a picture", error);
    }
    vpx_codec_iter_t at = nullptr;
    while (const vpx_codec_cx_pkt_t* const packet = vpx_codec_get_cx_data(&codec_, &at)) {
      if (packet->kind != VPX_CODEC_CX_FRAME_PKT) continue;
      const bool keyframe = (packet->data.frame.flags & VPX_FRAME_IS_KEY) != 0;
      CodedPart part = wholePicture(packet->data.frame.buf, packet->data.frame.sz, keyframe, error);
      if (!part.data) return false;
      out(std::move(part));
      return true;
    }
    error = "libvpx returned no picture";
    return false;
  }

  /** Nothing to do: the bitrate arrives as quantizers. */
  bool reconfigure(int, int64_t, std::string&) override { return true; }

 private:
  template <typename Value>
  void control(int what, Value value) {
    vpx_codec_control_(&codec_, what, value);
  }

  int quantizerOf(int h264Quantizer) const {
    return vp9_ ? nearestQuantizer(kVp9Steps, kVp9StepsPerUnit, h264Quantizer)
                : nearestQuantizer(kVp8Steps, kVp8StepsPerUnit, h264Quantizer);
  }

  void setQuantizer(int quantizer) { config_.rc_min_quantizer = config_.rc_max_quantizer = unsigned(quantizer); }

  bool fail(const char* step, std::string& error) {
    error = std::string("libvpx: ") + step + " failed: " + vpx_codec_error(&codec_);
    return false;
  }

  const bool vp9_;
  vpx_codec_ctx_t codec_{};
  vpx_codec_enc_cfg_t config_{};
  bool opened_ = false;
  ActiveMap activeMap_;
  int64_t frames_ = 0;
};

}  // namespace
}  // namespace eglantine

/** `what`: "vp8" or "vp9". */
EGLANTINE_ENCODER_MODULE eglantine::Encoder* eglantineOpenEncoder(const std::string& what,
                                                                  const eglantine::EncoderSettings& settings,
                                                                  std::string& error) {
  auto encoder = std::make_unique<eglantine::VpxEncoder>(what == "vp9");
  return encoder->open(settings, error) ? encoder.release() : nullptr;
}
