// SPDX-License-Identifier: GPL-2.0-or-later
// H.264 on the CPU with Cisco's library, which Debian's libavcodec is built without. From stream.cc (a picture), back to it
// (an access unit). Rate control is rate.cc's: its own let twice the bitrate through.

#include <wels/codec_api.h>

#include <algorithm>
#include <thread>

#include "coded_part.h"
#include "encoder_module.h"
#include "planes.h"

namespace eglantine {
namespace {

class OpenH264Encoder final : public Encoder {
 public:
  ~OpenH264Encoder() override {
    if (encoder_ == nullptr) return;
    encoder_->Uninitialize();
    WelsDestroySVCEncoder(encoder_);
  }

  bool open(const EncoderSettings& settings, std::string& error) {
    if (WelsCreateSVCEncoder(&encoder_) != 0 || encoder_ == nullptr) {
      encoder_ = nullptr;
      error = "OpenH264 does not start";
      return false;
    }
    int level = WELS_LOG_QUIET;
    encoder_->SetOption(ENCODER_OPTION_TRACE_LEVEL, &level);
    SEncParamExt& params = params_;
    encoder_->GetDefaultParams(&params);
    params.iUsageType = CAMERA_VIDEO_REAL_TIME;
    params.iPicWidth = settings.widthPx;
    params.iPicHeight = settings.heightPx;
    params.fMaxFrameRate = float(settings.framesPerSecond);
    params.iTargetBitrate = int(settings.bitrateBps);
    params.iMaxBitrate = UNSPECIFIED_BIT_RATE;
    params.iRCMode = RC_OFF_MODE;
    params.iMinQp = 1;
    params.iMaxQp = 51;
    params.bEnableFrameSkip = false;
    params.uiIntraPeriod = 0;
    params.iNumRefFrame = 1;
    params.bEnableLongTermReference = false;
    params.bEnableSceneChangeDetect = false;
    params.bEnableBackgroundDetection = false;
    params.bEnableAdaptiveQuant = false;
    params.eSpsPpsIdStrategy = CONSTANT_ID;
    params.iComplexityMode = LOW_COMPLEXITY;
    params.iEntropyCodingModeFlag = 0;
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    params.iMultipleThreadIdc = static_cast<unsigned short>(std::min(kMostEncoderThreads, cores));
    SSpatialLayerConfig& layer = params.sSpatialLayers[0];
    layer.uiProfileIdc = PRO_BASELINE;
    layer.iVideoWidth = settings.widthPx;
    layer.iVideoHeight = settings.heightPx;
    layer.fFrameRate = params.fMaxFrameRate;
    layer.iSpatialBitrate = params.iTargetBitrate;
    layer.iMaxSpatialBitrate = UNSPECIFIED_BIT_RATE;
    layer.iDLayerQp = 32;
    layer.sSliceArgument.uiSliceMode = SM_FIXEDSLCNUM_SLICE;
    layer.sSliceArgument.uiSliceNum = params.iMultipleThreadIdc;
    layer.bVideoSignalTypePresent = true;
    layer.uiVideoFormat = VF_UNDEF;
    layer.bFullRange = false;
    layer.bColorDescriptionPresent = true;
    layer.uiColorPrimaries = CP_BT709;
    layer.uiTransferCharacteristics = TRC_BT709;
    layer.uiColorMatrix = CM_BT709;
    if (encoder_->InitializeExt(&params) != cmResultSuccess) {
      error = "OpenH264 refuses " + std::to_string(settings.widthPx) + "x" + std::to_string(settings.heightPx);
      return false;
    }
    // As it has changed them: what looks different later is a new stream to it, with an IDR.
    encoder_->GetOption(ENCODER_OPTION_SVC_ENCODE_PARAM_EXT, &params_);
    int format = videoFormatI420;
    encoder_->SetOption(ENCODER_OPTION_DATAFORMAT, &format);
    framesPerSecond_ = settings.framesPerSecond;
    return true;
  }

  bool controlsRate() const override { return false; }

  bool encode(const EncodeRequest& request, const std::function<void(CodedPart)>& out, std::string& error) override {
    const Picture& picture = request.picture;
    colours_.split(picture);
    int& quantizer = params_.sSpatialLayers[0].iDLayerQp;
    if (quantizer != request.quantizer) {
      quantizer = request.quantizer;
      if (encoder_->SetOption(ENCODER_OPTION_SVC_ENCODE_PARAM_EXT, &params_) != cmResultSuccess) {
        error = "OpenH264 refuses a quantizer of " + std::to_string(quantizer);
        return false;
      }
    }
    if (request.keyframe) encoder_->ForceIntraFrame(true);
    SSourcePicture source{};
    source.iColorFormat = videoFormatI420;
    source.iPicWidth = picture.widthPx;
    source.iPicHeight = picture.heightPx;
    source.pData[0] = picture.luma;
    source.pData[1] = colours_.u();
    source.pData[2] = colours_.v();
    source.iStride[0] = picture.stride;
    source.iStride[1] = source.iStride[2] = colours_.stride();
    source.uiTimeStamp = timeUs_ / 1000;
    timeUs_ += 1000000 / framesPerSecond_;
    SFrameBSInfo coded{};
    if (encoder_->EncodeFrame(&source, &coded) != cmResultSuccess) {
      error = "OpenH264 failed on a picture";
      return false;
    }
    // The layers, parameter sets in front, lie one behind the other.
    if (coded.eFrameType == videoFrameTypeSkip || coded.iLayerNum == 0 || coded.iFrameSizeInBytes <= 0) {
      error = "OpenH264 returned no picture";
      return false;
    }
    CodedPart part = wholePicture(coded.sLayerInfo[0].pBsBuf, size_t(coded.iFrameSizeInBytes),
                                  coded.eFrameType == videoFrameTypeIDR, error);
    if (!part.data) return false;
    out(std::move(part));
    return true;
  }

  /** The bitrate arrives as quantizers. */
  bool reconfigure(int framesPerSecond, int64_t, std::string&) override {
    framesPerSecond_ = framesPerSecond;
    return true;
  }

 private:
  ISVCEncoder* encoder_ = nullptr;
  SEncParamExt params_{};
  ColourPlanes colours_;
  int framesPerSecond_ = 60;
  /** Of the next picture: a sum, for the frame rate changes and time must not run back. */
  int64_t timeUs_ = 0;
};

}  // namespace
}  // namespace eglantine

EGLANTINE_ENCODER_MODULE eglantine::Encoder* eglantineOpenEncoder(const std::string&,
                                                                  const eglantine::EncoderSettings& settings,
                                                                  std::string& error) {
  auto encoder = std::make_unique<eglantine::OpenH264Encoder>();
  return encoder->open(settings, error) ? encoder.release() : nullptr;
}
