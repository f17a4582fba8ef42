// SPDX-License-Identifier: GPL-2.0-or-later
// AV1 on the CPU with libaom's mode for real time. From stream.cc (a picture and its quantizer), back to it (a temporal
// unit without its delimiter). libaom itself and not by way of libavcodec, for the reason given in vpx_encoder.cc.

#include <aom/aom_encoder.h>
#include <aom/aomcx.h>

#include <algorithm>
#include <thread>

#include "active_map.h"
#include "coded_part.h"
#include "encoder_module.h"
#include "quantizer_scale.h"

namespace eglantine {
namespace {

/** Never a bound for libaom's own rate control, kbit/s. */
constexpr unsigned kNoLimitKbps = 200000;
/** The fastest that libaom 3.6 has for real time. */
constexpr int kSpeed = 10;
constexpr int kLeastTilePx = 256;

class AomEncoder final : public Encoder {
 public:
  ~AomEncoder() override {
    if (opened_) aom_codec_destroy(&codec_);
  }

  bool open(const EncoderSettings& settings, std::string& error) {
    aom_codec_iface_t* const interface = aom_codec_av1_cx();
    if (aom_codec_enc_config_default(interface, &config_, AOM_USAGE_REALTIME) != AOM_CODEC_OK) {
      error = "libaom has no settings for real time";
      return false;
    }
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    config_.g_w = unsigned(settings.widthPx);
    config_.g_h = unsigned(settings.heightPx);
    config_.g_threads = std::min(kMostEncoderThreads, cores);
    config_.g_timebase = {1, settings.framesPerSecond};
    config_.g_lag_in_frames = 0;
    config_.g_error_resilient = 0;
    config_.g_pass = AOM_RC_ONE_PASS;
    config_.kf_mode = AOM_KF_DISABLED;
    config_.rc_end_usage = AOM_CBR;
    config_.rc_target_bitrate = kNoLimitKbps;
    config_.rc_dropframe_thresh = 0;
    setQuantizer(32);
    if (aom_codec_enc_init(&codec_, interface, &config_, 0) != AOM_CODEC_OK) {
      const char* const detail = aom_codec_error_detail(&codec_);
      error = std::string("libaom: ") + aom_codec_error(&codec_) + (detail != nullptr ? std::string(", ") + detail : "");
      return false;
    }
    opened_ = true;
    int columns = 0;
    while ((settings.widthPx >> (columns + 1)) >= kLeastTilePx && (2U << columns) <= config_.g_threads) columns++;
    control(AOME_SET_CPUUSED, kSpeed);
    control(AV1E_SET_TUNE_CONTENT, int(AOM_CONTENT_SCREEN));
    control(AV1E_SET_TILE_COLUMNS, unsigned(columns));
    control(AV1E_SET_ROW_MT, 1U);
    control(AV1E_SET_AQ_MODE, 0U);
    control(AV1E_SET_DELTAQ_MODE, 0U);
    control(AV1E_SET_ENABLE_ORDER_HINT, 0);
    control(AV1E_SET_ENABLE_GLOBAL_MOTION, 0);
    control(AV1E_SET_ENABLE_WARPED_MOTION, 0);
    control(AV1E_SET_ENABLE_OBMC, 0);
    control(AV1E_SET_ENABLE_REF_FRAME_MVS, 0);
    control(AV1E_SET_COEFF_COST_UPD_FREQ, 3U);
    control(AV1E_SET_MODE_COST_UPD_FREQ, 3U);
    control(AV1E_SET_MV_COST_UPD_FREQ, 3U);
    control(AV1E_SET_COLOR_PRIMARIES, int(AOM_CICP_CP_BT_709));
    control(AV1E_SET_TRANSFER_CHARACTERISTICS, int(AOM_CICP_TC_BT_709));
    control(AV1E_SET_MATRIX_COEFFICIENTS, int(AOM_CICP_MC_BT_709));
    control(AV1E_SET_COLOR_RANGE, 0);
    return true;
  }

  bool controlsRate() const override { return false; }
  bool codesPartly() const override { return true; }

  bool encode(const EncodeRequest& request, const std::function<void(CodedPart)>& out, std::string& error) override {
    const Picture& picture = request.picture;
    const int quantizer = nearestQuantizer(kVp9Steps, kVp9StepsPerUnit, request.quantizer);
    if (quantizer != int(config_.rc_max_quantizer)) {
      setQuantizer(quantizer);
      if (aom_codec_enc_config_set(&codec_, &config_) != AOM_CODEC_OK) return fail("new quantizer", error);
    }
    activeMap_.apply<aom_active_map_t>(request, [this](aom_active_map_t* map) { control(AOME_SET_ACTIVEMAP, map); });
    aom_image_t image;
    aom_img_wrap(&image, AOM_IMG_FMT_NV12, unsigned(picture.widthPx), unsigned(picture.heightPx), 1, picture.luma);
    image.planes[AOM_PLANE_U] = picture.chroma;
    image.planes[AOM_PLANE_V] = nullptr;
    image.stride[AOM_PLANE_Y] = image.stride[AOM_PLANE_U] = picture.stride;
    image.stride[AOM_PLANE_V] = 0;
    const aom_enc_frame_flags_t flags = request.keyframe ? AOM_EFLAG_FORCE_KF : 0;
    if (aom_codec_encode(&codec_, &image, frames_++, 1, flags) != AOM_CODEC_OK) return fail("a picture", error);
    aom_codec_iter_t at = nullptr;
    while (const aom_codec_cx_pkt_t* const packet = aom_codec_get_cx_data(&codec_, &at)) {
      if (packet->kind != AOM_CODEC_CX_FRAME_PKT) continue;
      const auto* const data = static_cast<const uint8_t*>(packet->data.frame.buf);
      const size_t skipped = temporalDelimiterBytes(data, packet->data.frame.sz);
      const bool keyframe = (packet->data.frame.flags & AOM_FRAME_IS_KEY) != 0;
      CodedPart part = wholePicture(data + skipped, packet->data.frame.sz - skipped, keyframe, error);
      if (!part.data) return false;
      out(std::move(part));
      return true;
    }
    error = "libaom returned no picture";
    return false;
  }

  /** Nothing to do: the bitrate arrives as quantizers. */
  bool reconfigure(int, int64_t, std::string&) override { return true; }

 private:
  template <typename Value>
  void control(int what, Value value) {
    aom_codec_control(&codec_, what, value);
  }

  void setQuantizer(int quantizer) { config_.rc_min_quantizer = config_.rc_max_quantizer = unsigned(quantizer); }

  bool fail(const char* step, std::string& error) {
    error = std::string("libaom: ") + step + " failed: " + aom_codec_error(&codec_);
    return false;
  }

  aom_codec_ctx_t codec_{};
  aom_codec_enc_cfg_t config_{};
  bool opened_ = false;
  ActiveMap activeMap_;
  int64_t frames_ = 0;
};

}  // namespace
}  // namespace eglantine

EGLANTINE_ENCODER_MODULE eglantine::Encoder* eglantineOpenEncoder(const std::string&,
                                                                  const eglantine::EncoderSettings& settings,
                                                                  std::string& error) {
  auto encoder = std::make_unique<eglantine::AomEncoder>();
  return encoder->open(settings, error) ? encoder.release() : nullptr;
}
