// SPDX-License-Identifier: GPL-2.0-or-later
// AV1 on the CPU with SVT-AV1, low delay. From stream.cc (a picture and its quantizer), back to it (a temporal unit
// without its delimiter). SVT-AV1 itself and not by way of libavcodec: a quantizer for each picture is what keeps the
// bitrate without keyframes.

#include <svt-av1/EbSvtAv1Enc.h>

#include <algorithm>
#include <thread>

#include "coded_part.h"
#include "encoder_module.h"
#include "planes.h"
#include "quantizer_scale.h"

namespace eglantine {
namespace {

/** From 0, finest, to 13, fastest; in real time 12 is the fastest that versions 1.4 to 2.3 share. */
constexpr int kPreset = 12;
constexpr int kLeastSidePx = 64;
constexpr int kLowDelay = 1;
/**
 * Before 2.0 a picture is held back until the next one, and there is no keyframe on demand. There each picture goes in twice:
 * every second one is referred to by none, so that the repetition is left out, and a keyframe is a new beginning.
 */
#if SVT_AV1_CHECK_VERSION(2, 0, 0)
constexpr bool kOld = false;
#else
constexpr bool kOld = true;
#endif

class SvtEncoder final : public Encoder {
 public:
  ~SvtEncoder() override { end(); }

  bool open(const EncoderSettings& settings, std::string& error) {
    if (settings.widthPx < kLeastSidePx || settings.heightPx < kLeastSidePx) {
      error = "SVT-AV1 needs pictures of at least 64x64";
      return false;
    }
    settings_ = settings;
    return begin(error);
  }

  bool controlsRate() const override { return false; }

  bool encode(const EncodeRequest& request, const std::function<void(CodedPart)>& out, std::string& error) override {
    if (kOld && request.keyframe && begun_) {
      end();
      if (!begin(error)) return false;
    }
    const Picture& picture = request.picture;
    colours_.split(picture);
    EbSvtIOFormat planes{};
    planes.luma = picture.luma;
    planes.cb = colours_.u();
    planes.cr = colours_.v();
    planes.y_stride = uint32_t(picture.stride);
    planes.cb_stride = planes.cr_stride = uint32_t(colours_.stride());
    planes.width = config_.source_width;
    planes.height = config_.source_height;
    planes.color_fmt = EB_YUV420;
    planes.bit_depth = EB_EIGHT_BIT;
    EbBufferHeaderType input{};
    input.size = sizeof input;
    input.p_buffer = reinterpret_cast<uint8_t*>(&planes);
    input.n_filled_len = uint32_t(picture.widthPx * picture.heightPx * 3 / 2);
    input.n_alloc_len = input.n_filled_len;
    input.pts = sent_++;
    input.qp = uint32_t(nearestQuantizer(kVp9Steps, kVp9StepsPerUnit, request.quantizer));
    input.pic_type = !kOld && request.keyframe ? EB_AV1_KEY_PICTURE : EB_AV1_INVALID_PICTURE;
    const int64_t wanted = input.pts;
    if (!begun_ && svt_av1_enc_init(handle_) != EB_ErrorNone) {
      error = "SVT-AV1 can't get its memory or threads";
      return false;
    }
    begun_ = true;
    bool sent = svt_av1_enc_send_picture(handle_, &input) == EB_ErrorNone;
    if (kOld && sent) {
      input.pts = sent_++;
      input.pic_type = EB_AV1_INVALID_PICTURE;
      sent = svt_av1_enc_send_picture(handle_, &input) == EB_ErrorNone;
    }
    if (!sent) {
      error = "SVT-AV1 refuses a picture";
      return false;
    }
    EbBufferHeaderType* packet = nullptr;
    // Waits for the picture. What comes before it is the former one's repetition.
    while (svt_av1_enc_get_packet(handle_, &packet, 1) == EB_ErrorNone && packet != nullptr && packet->pts < wanted) {
      svt_av1_enc_release_out_buffer(&packet);
    }
    if (packet == nullptr) {
      error = "SVT-AV1 returned no picture";
      return false;
    }
    const size_t skipped = temporalDelimiterBytes(packet->p_buffer, packet->n_filled_len);
    CodedPart part = wholePicture(packet->p_buffer + skipped, packet->n_filled_len - skipped,
                                  packet->pic_type == EB_AV1_KEY_PICTURE, error);
    svt_av1_enc_release_out_buffer(&packet);
    if (!part.data) return false;
    out(std::move(part));
    return true;
  }

  /** Nothing to do: the bitrate arrives as quantizers. */
  bool reconfigure(int framesPerSecond, int64_t, std::string&) override {
    settings_.framesPerSecond = framesPerSecond;
    return true;
  }

 private:
  void end() {
    if (begun_) {
      // Without an end of the stream it would wait for its threads forever.
      EbBufferHeaderType end{};
      end.size = sizeof end;
      end.flags = EB_BUFFERFLAG_EOS;
      svt_av1_enc_send_picture(handle_, &end);
      EbBufferHeaderType* packet = nullptr;
      while (svt_av1_enc_get_packet(handle_, &packet, 1) == EB_ErrorNone && packet != nullptr) {
        const bool last = (packet->flags & EB_BUFFERFLAG_EOS) != 0;
        svt_av1_enc_release_out_buffer(&packet);
        if (last) break;
      }
    }
    if (begun_) svt_av1_enc_deinit(handle_);
    if (handle_ != nullptr) svt_av1_enc_deinit_handle(handle_);
    handle_ = nullptr;
    begun_ = false;
    sent_ = 0;
  }

  bool begin(std::string& error) {
    if (svt_av1_enc_init_handle(&handle_, nullptr, &config_) != EB_ErrorNone) {
      handle_ = nullptr;
      error = "SVT-AV1 does not start";
      return false;
    }
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    config_.enc_mode = kPreset;
    config_.pred_structure = kLowDelay;
    config_.hierarchical_levels = 0;
    config_.intra_period_length = -1;
    config_.intra_refresh_type = SVT_AV1_KF_REFRESH;
    config_.force_key_frames = kOld ? 0 : 1;
    config_.source_width = uint32_t(settings_.widthPx);
    config_.source_height = uint32_t(settings_.heightPx);
    config_.frame_rate_numerator = uint32_t(settings_.framesPerSecond);
    config_.frame_rate_denominator = 1;
    config_.encoder_bit_depth = 8;
    config_.encoder_color_format = EB_YUV420;
    config_.rate_control_mode = 0;
    config_.enable_adaptive_quantization = 0;
    config_.use_qp_file = 1;
    config_.qp = 32;
    config_.look_ahead_distance = 0;
    config_.enable_tf = 0;
    config_.scene_change_detection = 0;
    config_.screen_content_mode = 1;
    config_.logical_processors = std::min(kMostEncoderThreads, cores);
    config_.color_primaries = EB_CICP_CP_BT_709;
    config_.transfer_characteristics = EB_CICP_TC_BT_709;
    config_.matrix_coefficients = EB_CICP_MC_BT_709;
    config_.color_range = EB_CR_STUDIO_RANGE;
    if (svt_av1_enc_set_parameter(handle_, &config_) != EB_ErrorNone) {
      error = "SVT-AV1 refuses " + std::to_string(settings_.widthPx) + "x" + std::to_string(settings_.heightPx);
      return false;
    }
    return true;
  }

  EncoderSettings settings_;
  EbComponentType* handle_ = nullptr;
  EbSvtAv1EncConfiguration config_{};
  /** Its threads run. Not before the first picture: version 1.4 can't be ended without one. */
  bool begun_ = false;
  ColourPlanes colours_;
  int64_t sent_ = 0;
};

}  // namespace
}  // namespace eglantine

EGLANTINE_ENCODER_MODULE eglantine::Encoder* eglantineOpenEncoder(const std::string&,
                                                                  const eglantine::EncoderSettings& settings,
                                                                  std::string& error) {
  auto encoder = std::make_unique<eglantine::SvtEncoder>();
  return encoder->open(settings, error) ? encoder.release() : nullptr;
}
