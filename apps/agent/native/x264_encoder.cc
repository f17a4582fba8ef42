// SPDX-License-Identifier: GPL-2.0-or-later
// H.264 on the CPU. From stream.cc (a picture and its quantizer), back to it (an access unit).
//
// Performance choice, in CPU time of whole moving 1280x720 pictures at 10 Mbit/s, this one = 1: x264's own rate control
// with VBV 1.5 (its low-resolution lookahead runs even in zerolatency), superfast 1.3, deblocking 1.1, one thread 1.0 with
// a 1.2 times longer wait. Constant quantizers, chosen per picture by rate.cc, reach the bitrate as well. On text neither
// superfast nor 4x4 partitions nor deblocking gain anything at the same number of bytes.

#include <cstdint>  // x264.h wants it before

#include <x264.h>

#include <algorithm>
#include <cstring>
#include <thread>

#include "encoders.h"

namespace eglantine {
namespace {

constexpr int kMostThreads = 4;  // Chromium has trouble with more than four slices.

class X264Encoder final : public Encoder {
 public:
  ~X264Encoder() override {
    if (x264_ != nullptr) x264_encoder_close(x264_);
  }

  bool open(const EncoderSettings& settings, std::string& error) {
    x264_param_t param;
    if (x264_param_default_preset(&param, "ultrafast", "zerolatency") < 0) {
      error = "x264 does not know its preset";
      return false;
    }
    param.i_width = settings.widthPx;
    param.i_height = settings.heightPx;
    param.i_csp = X264_CSP_NV12;
    param.i_fps_num = uint32_t(settings.framesPerSecond);
    param.i_fps_den = 1;
    param.b_vfr_input = 0;
    param.i_log_level = X264_LOG_NONE;
    const int cores = int(std::max(1u, std::thread::hardware_concurrency()));
    param.i_threads = std::min(kMostThreads, cores);
    param.b_sliced_threads = param.i_threads > 1;
    param.i_keyint_max = X264_KEYINT_MAX_INFINITE;
    param.i_scenecut_threshold = 0;
    param.i_bframe = 0;
    param.b_repeat_headers = 1;
    param.b_annexb = 1;
    param.b_aud = 0;
    param.rc.i_rc_method = X264_RC_CQP;
    // x264 keeps forced quantizers between those that these three give to I and B pictures: 12 and 51.
    param.rc.i_qp_constant = 32;
    param.rc.f_ip_factor = 10.0F;
    param.rc.f_pb_factor = 10.0F;
    param.analyse.b_mb_info = 1;
    param.analyse.b_psnr = 0;
    param.analyse.b_ssim = 0;
    param.vui.b_fullrange = 0;
    param.vui.i_colorprim = 1;  // BT.709, H.264 table E-3 to E-5
    param.vui.i_transfer = 1;
    param.vui.i_colmatrix = 1;
    if (x264_param_apply_profile(&param, "baseline") < 0) {
      error = "x264 cannot do constrained baseline";
      return false;
    }
    x264_ = x264_encoder_open(&param);
    if (x264_ == nullptr) {
      error = "x264 refuses " + std::to_string(settings.widthPx) + "x" + std::to_string(settings.heightPx);
      return false;
    }
    return true;
  }

  bool controlsRate() const override { return false; }

  bool encode(const EncodeRequest& request, const std::function<void(CodedPart)>& out, std::string& error) override {
    const Picture& picture = request.picture;
    x264_picture_t in, coded;
    x264_picture_init(&in);
    in.i_type = request.keyframe ? X264_TYPE_IDR : X264_TYPE_P;
    in.i_qpplus1 = request.quantizer + 1;
    in.i_pts = frames_++;
    in.img.i_csp = X264_CSP_NV12;
    in.img.i_plane = 2;
    in.img.plane[0] = picture.luma;
    in.img.plane[1] = picture.chroma;
    in.img.i_stride[0] = in.img.i_stride[1] = picture.stride;
    // Settled macroblocks are skipped without a look at them. x264 does not write here: b_mb_info_update is off.
    static_assert(X264_MBINFO_CONSTANT == 1);
    in.prop.mb_info = const_cast<uint8_t*>(request.settled.data());

    x264_nal_t* nals = nullptr;
    int count = 0;
    const int bytes = x264_encoder_encode(x264_, &nals, &count, &in, &coded);
    if (bytes <= 0 || count == 0) {
      error = bytes < 0 ? "x264 failed on a picture" : "x264 returned no picture";
      return false;
    }
    CodedPart part;
    part.data.reset(static_cast<uint8_t*>(malloc(size_t(bytes))));
    if (!part.data) {
      error = "out of memory";
      return false;
    }
    memcpy(part.data.get(), nals[0].p_payload, size_t(bytes));
    part.bytes = size_t(bytes);
    part.keyframe = coded.b_keyframe != 0;
    out(std::move(part));
    return true;
  }

  /** Nothing to do: the bitrate arrives as quantizers. */
  bool reconfigure(int, int64_t, std::string&) override { return true; }

 private:
  x264_t* x264_ = nullptr;
  int64_t frames_ = 0;
};

}  // namespace

std::unique_ptr<Encoder> openX264(const EncoderSettings& settings, std::string& error) {
  auto encoder = std::make_unique<X264Encoder>();
  if (!encoder->open(settings, error)) return nullptr;
  return encoder;
}

}  // namespace eglantine
