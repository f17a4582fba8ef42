// SPDX-License-Identifier: GPL-2.0-or-later
// H.264 on the CPU. From stream.cc (a picture and its quantizer), back to it (an access unit).
//
// Performance choice, in CPU time of whole moving 1280x720 pictures at 10 Mbit/s, this one = 1: x264's own rate control
// with VBV 1.5 (its low-resolution lookahead runs even in zerolatency), superfast 1.3, deblocking 1.1, one thread 1.0 with
// a 1.2 times longer wait. Constant quantizers, chosen per picture by rate.cc, reach the bitrate as well. On text neither
// superfast nor 4x4 partitions nor deblocking gain anything at the same number of bytes.
//
// Refinements are rare and large, and the link is what they wait for. Bytes of a screen of dense text, luma at 45 dB (1080p, 4:2:0)
// and at 50 dB (720p, 4:4:4), and CPU ms: ultrafast 1396 (25) and 1050 (60); with 4x4 intra prediction 1208 (28) and 902 (62); with
// the small dead zone too 1156 (28) and 873 (74), with a trellis instead 1167 (318) and 851 (93). See refining_.

#include <cstdint>  // x264.h wants it before

#include <x264.h>

#include <algorithm>
#include <cstring>
#include <thread>

#include "clock.h"
#include "encoders.h"
#include "slice_order.h"

namespace eglantine {
namespace {

constexpr int kMostSlices = 4;  // Chromium has trouble with more.
/**
 * x264's are 21 and 11: good for what is seen for a moment, but the edges of text want the nearest level. In 1/64 of a
 * quantizer's step from the middle between two levels.
 */
constexpr int kDeadZone = 4;

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
    param.i_csp = settings.chroma444 ? X264_CSP_I444 : X264_CSP_NV12;
    param.i_fps_num = uint32_t(settings.framesPerSecond);
    param.i_fps_den = 1;
    param.b_vfr_input = 0;
    param.i_log_level = X264_LOG_NONE;
    const int cores = int(std::max(1u, std::thread::hardware_concurrency()));
    param.i_threads = std::min(kMostSlices, cores);
    param.b_sliced_threads = param.i_threads > 1;
    // Each thread works on a band of rows; as many slices one after the other in a band as the limit allows.
    const int wide = (settings.widthPx + 15) / 16, high = (settings.heightPx + 15) / 16;
    const int band = (high + param.i_threads - 1) / param.i_threads, perBand = kMostSlices / param.i_threads;
    if (perBand > 1) param.i_slice_max_mbs = (band + perBand - 1) / perBand * wide;
    macroblocks_ = wide * high;
    param.nalu_process = &X264Encoder::onNalUnit;
    param.i_keyint_max = X264_KEYINT_MAX_INFINITE;
    param.i_scenecut_threshold = 0;
    param.i_bframe = 0;
    param.b_repeat_headers = 1;
    param.b_annexb = 1;
    param.b_aud = 0;
    param.rc.i_rc_method = X264_RC_CQP;
    // x264 keeps forced quantizers between those that these three give to I and B pictures: 10 and 50.
    param.rc.i_qp_constant = 30;
    param.rc.f_ip_factor = 10.0F;
    param.rc.f_pb_factor = 10.0F;
    param.analyse.b_mb_info = 1;
    std::fill(std::begin(param.analyse.i_luma_deadzone), std::end(param.analyse.i_luma_deadzone), kDeadZone);
    param.analyse.b_psnr = 0;
    param.analyse.b_ssim = 0;
    param.vui.b_fullrange = 0;
    param.vui.i_colorprim = 1;  // BT.709, H.264 table E-3 to E-5
    param.vui.i_transfer = 1;
    param.vui.i_colmatrix = 1;
    if (settings.chroma444) {
      // x264 adds 6 in full-size colour, which then is coarser than the luma beside it. Two quantizers are left of that: colours
      // have 50 dB where luma has 51, for 4 % fewer bytes.
      param.analyse.i_chroma_qp_offset = -4;
      // Baseline has no CABAC; here it takes a fifth to a third of the bytes for a quarter more CPU.
      param.b_cabac = 1;
    }
    const char* const profile = settings.chroma444 ? "high444" : "baseline";
    if (x264_param_apply_profile(&param, profile) < 0) {
      error = std::string("x264 can't do profile ") + profile;
      return false;
    }
    moving_ = refining_ = param;
    // What gets sharp was coarse: much of it is told in fewer bits from its neighbours than from the picture before.
    refining_.analyse.inter |= X264_ANALYSE_I4x4;
    // Costs ten times as much without CABAC, and gains nothing there that the dead zone does not.
    if (param.b_cabac) refining_.analyse.i_trellis = 1;
    x264_ = x264_encoder_open(&param);
    if (x264_ == nullptr) {
      error = "x264 refuses " + std::to_string(settings.widthPx) + "x" + std::to_string(settings.heightPx);
      return false;
    }
    return true;
  }

  bool controlsRate() const override { return false; }
  bool codesPartly() const override { return true; }
  int sharpQuantizer(bool chroma444) const override { return chroma444 ? 14 : 20; }

  bool encode(const EncodeRequest& request, const std::function<void(CodedPart)>& out, std::string& error) override {
    const Picture& picture = request.picture;
    x264_picture_t in, coded;
    x264_picture_init(&in);
    in.i_type = request.keyframe ? X264_TYPE_IDR : X264_TYPE_P;
    in.i_qpplus1 = request.quantizer + 1;
    in.i_pts = frames_++;
    in.img.i_csp = picture.chroma444 ? X264_CSP_I444 : X264_CSP_NV12;
    in.img.i_plane = picture.chroma444 ? 3 : 2;
    in.img.plane[0] = picture.luma;
    in.img.plane[1] = picture.chroma444 ? picture.u : picture.chroma;
    in.img.plane[2] = picture.v;
    for (int& stride : in.img.i_stride) stride = picture.stride;
    // Settled macroblocks are skipped without a look at them. x264 does not write here: b_mb_info_update is off.
    static_assert(X264_MBINFO_CONSTANT == kSettled);
    in.prop.mb_info = const_cast<uint8_t*>(request.treatment.data());
    const bool replaced = !request.keyframe && leaveCoarse(request);
    in.opaque = this;
    // x264 keeps them from here on.
    if (refines_ != request.refinement) in.param = request.refinement ? &refining_ : &moving_;
    refines_ = request.refinement;
    slices_.begin(macroblocks_, monotonicUs(), out);
    x264_nal_t* nals = nullptr;
    int count = 0;
    const int bytes = x264_encoder_encode(x264_, &nals, &count, &in, &coded);
    if (replaced) restore(picture, request.treatment);
    reconstruction_ = coded.img;
    if (bytes > 0 && slices_.complete()) return true;
    error = slices_.outOfMemory() ? "out of memory" : bytes < 0 ? "x264 failed on a picture" : "x264 returned no picture";
    return false;
  }

  /** Nothing to do: the bitrate arrives as quantizers. */
  bool reconfigure(int, int64_t, std::string&) override { return true; }

 private:
  /**
   * x264 skips a settled macroblock only if it is fine enough for this picture. In place of one that is to stay coarse it gets
   * what the viewer has of it already: then there is nothing to code. True when there was any.
   */
  bool leaveCoarse(const EncodeRequest& request) {
    kept_.clear();
    eachLeft(request.picture, request.treatment, [this](uint8_t* pixels, int bytes, int plane, size_t at) {
      kept_.insert(kept_.end(), pixels, pixels + bytes);
      const size_t row = at >> 32, column = at & 0xffffffff;
      memcpy(pixels, reconstruction_.plane[plane] + row * size_t(reconstruction_.i_stride[plane]) + column, size_t(bytes));
    });
    return !kept_.empty();
  }

  void restore(const Picture& picture, const std::vector<uint8_t>& treatment) {
    const uint8_t* from = kept_.data();
    eachLeft(picture, treatment, [&from](uint8_t* pixels, int bytes, int, size_t) {
      memcpy(pixels, from, size_t(bytes));
      from += bytes;
    });
  }

  /** Each row of pixels of macroblocks that are left coarse, neighbours together: what, how long, and where in which plane. */
  template <typename Visit>
  void eachLeft(const Picture& picture, const std::vector<uint8_t>& treatment, Visit visit) {
    uint8_t* const planes[3] = {picture.luma, picture.chroma444 ? picture.u : picture.chroma, picture.v};
    const int count = picture.chroma444 ? 3 : 2;
    for (int y = 0; y < picture.macroblocksHigh; y++) {
      const uint8_t* const row = treatment.data() + size_t(y) * size_t(picture.macroblocksWide);
      for (int x = 0; x < picture.macroblocksWide; x++) {
        if (row[x] != kLeave) continue;
        const int first = x;
        while (x < picture.macroblocksWide && row[x] == kLeave) x++;
        const int column = first * kMacroblockPx, bytes = (x - first) * kMacroblockPx;
        for (int plane = 0; plane < count; plane++) {
          // Rows of NV12's chroma are half as many and as long as those of luma.
          const int rows = plane > 0 && !picture.chroma444 ? kMacroblockPx / 2 : kMacroblockPx;
          for (int r = 0; r < rows; r++) {
            const size_t at = size_t(y * rows + r);
            visit(planes[plane] + at * size_t(picture.stride) + column, bytes, plane, at << 32 | size_t(column));
          }
        }
      }
    }
  }

  /** x264's threads call this as each NAL unit is ready, in any order and several at a time. */
  static void onNalUnit(x264_t* x264, x264_nal_t* nal, void* opaque) {
    auto* const self = static_cast<X264Encoder*>(opaque);
    Slice slice = self->slices_.borrow();
    slice.bytes.resize(size_t(nal->i_payload) * 3 / 2 + 5 + 64);  // x264.h wants that much
    x264_nal_encode(x264, slice.bytes.data(), nal);
    slice.bytes.resize(size_t(nal->i_payload));
    const bool coded = nal->i_type == NAL_SLICE || nal->i_type == NAL_SLICE_IDR;
    if (!coded) return self->slices_.addHeader(slice);
    slice.firstMacroblock = nal->i_first_mb;
    slice.lastMacroblock = nal->i_last_mb;
    self->slices_.add(std::move(slice), nal->i_type == NAL_SLICE_IDR, monotonicUs());
  }

  x264_t* x264_ = nullptr;
  /** How pictures with motion and refinements are analysed, and which of the two x264 does. */
  x264_param_t moving_{};
  x264_param_t refining_{};
  bool refines_ = false;
  int macroblocks_ = 0;
  SliceOrder slices_;
  /** The picture that was coded last as a viewer has it; x264 keeps it as its reference. */
  x264_image_t reconstruction_{};
  std::vector<uint8_t> kept_;
  int64_t frames_ = 0;
};

}  // namespace

std::unique_ptr<Encoder> openX264(const EncoderSettings& settings, std::string& error) {
  auto encoder = std::make_unique<X264Encoder>();
  if (!encoder->open(settings, error)) return nullptr;
  return encoder;
}

}  // namespace eglantine
