// SPDX-License-Identifier: GPL-2.0-or-later
// HEVC on the CPU. From stream.cc (a picture and its quantizer, which is HEVC's as well), back to it (an access unit). x265
// itself and not by way of libavcodec: a quantizer for each picture is what keeps the bitrate without keyframes.

#include <cstdint>  // x265.h wants it before

#include <x265.h>

#include <algorithm>
#include <thread>

#include "coded_part.h"
#include "encoder_module.h"
#include "planes.h"

namespace eglantine {
namespace {

class X265Encoder final : public Encoder {
 public:
  ~X265Encoder() override {
    if (encoder_ != nullptr) api_->encoder_close(encoder_);
    if (picture_ != nullptr) api_->picture_free(picture_);
    if (param_ != nullptr) api_->param_free(param_);
  }

  bool open(const EncoderSettings& settings, std::string& error) {
    api_ = x265_api_get(8);
    if (api_ == nullptr) {
      error = "x265 was built without 8 bits";
      return false;
    }
    param_ = api_->param_alloc();
    if (param_ == nullptr || api_->param_default_preset(param_, "ultrafast", "zerolatency") < 0) {
      error = "x265 does not know its preset";
      return false;
    }
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    const std::string threads = std::to_string(std::min(kMostEncoderThreads, cores));
    param_->logLevel = X265_LOG_NONE;
    param_->sourceWidth = settings.widthPx;
    param_->sourceHeight = settings.heightPx;
    param_->fpsNum = uint32_t(settings.framesPerSecond);
    param_->fpsDenom = 1;
    param_->internalCsp = X265_CSP_I420;
    param_->keyframeMax = -1;
    param_->scenecutThreshold = 0;
    param_->bframes = 0;
    param_->bOpenGOP = 0;
    param_->lookaheadDepth = 0;
    param_->frameNumThreads = 1;
    param_->bEnableWavefront = 1;
    param_->bRepeatHeaders = 1;
    param_->bAnnexB = 1;
    param_->bEmitInfoSEI = 0;
    param_->bEnableAccessUnitDelimiters = 0;
    param_->maxNumReferences = 1;
    param_->rc.rateControlMode = X265_RC_CQP;
    param_->rc.qp = 32;
    param_->rc.aqMode = X265_AQ_NONE;
    param_->rc.cuTree = 0;
    param_->vui.bEnableVideoSignalTypePresentFlag = 1;
    param_->vui.bEnableVideoFullRangeFlag = 0;
    param_->vui.bEnableColorDescriptionPresentFlag = 1;
    param_->vui.colorPrimaries = 1;  // BT.709, H.265 tables E.3 to E.5
    param_->vui.transferCharacteristics = 1;
    param_->vui.matrixCoeffs = 1;
    if (api_->param_parse(param_, "pools", threads.c_str()) < 0 || api_->param_apply_profile(param_, "main") < 0) {
      error = "x265 refuses the main profile";
      return false;
    }
    encoder_ = api_->encoder_open(param_);
    picture_ = api_->picture_alloc();
    if (encoder_ == nullptr || picture_ == nullptr) {
      error = "x265 refuses " + std::to_string(settings.widthPx) + "x" + std::to_string(settings.heightPx);
      return false;
    }
    api_->picture_init(param_, picture_);
    return true;
  }

  bool controlsRate() const override { return false; }

  bool encode(const EncodeRequest& request, const std::function<void(CodedPart)>& out, std::string& error) override {
    const Picture& picture = request.picture;
    colours_.split(picture);
    picture_->planes[0] = picture.luma;
    picture_->planes[1] = colours_.u();
    picture_->planes[2] = colours_.v();
    picture_->stride[0] = picture.stride;
    picture_->stride[1] = picture_->stride[2] = colours_.stride();
    picture_->bitDepth = 8;
    picture_->pts = frames_++;
    picture_->sliceType = request.keyframe ? X265_TYPE_IDR : X265_TYPE_P;
    picture_->forceqp = request.quantizer + 1;
    x265_nal* nals = nullptr;
    uint32_t count = 0;
    const int pictures = api_->encoder_encode(encoder_, &nals, &count, picture_, nullptr);
    if (pictures <= 0 || count == 0) {
      error = pictures < 0 ? "x265 failed on a picture" : "x265 returned no picture";
      return false;
    }
    size_t bytes = 0;
    bool keyframe = false;
    for (uint32_t i = 0; i < count; i++) {
      bytes += nals[i].sizeBytes;
      keyframe = keyframe || nals[i].type == NAL_UNIT_CODED_SLICE_IDR_W_RADL || nals[i].type == NAL_UNIT_CODED_SLICE_IDR_N_LP;
    }
    // The NAL units of a picture lie one behind the other.
    CodedPart part = wholePicture(nals[0].payload, bytes, keyframe, error);
    if (!part.data) return false;
    out(std::move(part));
    return true;
  }

  /** Nothing to do: the bitrate arrives as quantizers. */
  bool reconfigure(int, int64_t, std::string&) override { return true; }

 private:
  const x265_api* api_ = nullptr;
  x265_param* param_ = nullptr;
  x265_encoder* encoder_ = nullptr;
  x265_picture* picture_ = nullptr;
  ColourPlanes colours_;
  int64_t frames_ = 0;
};

}  // namespace
}  // namespace eglantine

EGLANTINE_ENCODER_MODULE eglantine::Encoder* eglantineOpenEncoder(const std::string&,
                                                                  const eglantine::EncoderSettings& settings,
                                                                  std::string& error) {
  auto encoder = std::make_unique<eglantine::X265Encoder>();
  return encoder->open(settings, error) ? encoder.release() : nullptr;
}
