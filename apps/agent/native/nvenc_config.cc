// SPDX-License-Identifier: GPL-2.0-or-later
// How NVENC codes each format: see nvenc_config.h.

#include "nvenc_config.h"

namespace eglantine {
namespace {

template <typename Vui>
void describeColour(Vui& vui) {
  vui.videoSignalTypePresentFlag = 1;
  // Plain numbers in the header's version 11, enumerations from 12 on.
  vui.videoFormat = static_cast<decltype(vui.videoFormat)>(5);  // unspecified, H.264 table E-2
  vui.videoFullRangeFlag = 0;
  vui.colourDescriptionPresentFlag = 1;
  vui.colourPrimaries = static_cast<decltype(vui.colourPrimaries)>(1);  // BT.709, H.264 tables E-3 to E-5
  vui.transferCharacteristics = static_cast<decltype(vui.transferCharacteristics)>(1);
  vui.colourMatrix = static_cast<decltype(vui.colourMatrix)>(1);
  vui.bitstreamRestrictionFlag = 1;  // carries num_reorder_frames 0
}

/** What the structures of H.264 and H.265 have in common. */
template <typename Codec>
void configureNalUnits(Codec& codec, int chromaFormat) {
  codec.idrPeriod = NVENC_INFINITE_GOPLENGTH;
  codec.repeatSPSPPS = 1;
  codec.outputAUD = 0;
  codec.enableFillerDataInsertion = 0;
  codec.enableIntraRefresh = 0;
  codec.level = NV_ENC_LEVEL_AUTOSELECT;
  codec.sliceMode = 3;
  codec.sliceModeData = 1;
  codec.chromaFormatIDC = chromaFormat;
}

void configureH264(NV_ENC_CONFIG& config, bool chroma444) {
  config.profileGUID = chroma444 ? NV_ENC_H264_PROFILE_HIGH_444_GUID : NV_ENC_H264_PROFILE_BASELINE_GUID;
  NV_ENC_CONFIG_H264& h264 = config.encodeCodecConfig.h264Config;
  configureNalUnits(h264, chroma444 ? 3 : 1);
  h264.entropyCodingMode = NV_ENC_H264_ENTROPY_CODING_MODE_CAVLC;
  describeColour(h264.h264VUIParameters);
}

void configureH265(NV_ENC_CONFIG& config, bool) {
  config.profileGUID = NV_ENC_HEVC_PROFILE_MAIN_GUID;
  NV_ENC_CONFIG_HEVC& hevc = config.encodeCodecConfig.hevcConfig;
  configureNalUnits(hevc, 1);
  describeColour(hevc.hevcVUIParameters);
}

#if NVENCAPI_MAJOR_VERSION >= 12
void configureAv1(NV_ENC_CONFIG& config, bool) {
  config.profileGUID = NV_ENC_AV1_PROFILE_MAIN_GUID;
  NV_ENC_CONFIG_AV1& av1 = config.encodeCodecConfig.av1Config;
  av1.idrPeriod = NVENC_INFINITE_GOPLENGTH;
  av1.repeatSeqHdr = 1;
  av1.outputAnnexBFormat = 0;
  av1.enableBitstreamPadding = 0;
  av1.enableIntraRefresh = 0;
  av1.level = NV_ENC_LEVEL_AV1_AUTOSELECT;
  av1.chromaFormatIDC = 1;
  av1.colorPrimaries = NV_ENC_VUI_COLOR_PRIMARIES_BT709;
  av1.transferCharacteristics = NV_ENC_VUI_TRANSFER_CHARACTERISTIC_BT709;
  av1.matrixCoefficients = NV_ENC_VUI_MATRIX_COEFFS_BT709;
  av1.colorRange = 0;
}
#endif

}  // namespace

const NvencFormat* nvencFormat(const std::string& codec, std::string& error) {
  static const NvencFormat h264{"H.264", NV_ENC_CODEC_H264_GUID, configureH264, true, false};
  static const NvencFormat h265{"H.265", NV_ENC_CODEC_HEVC_GUID, configureH265, false, false};
  if (codec == "h264") return &h264;
  if (codec == "h265") return &h265;
#if NVENCAPI_MAJOR_VERSION >= 12
  static const NvencFormat av1{"AV1", NV_ENC_CODEC_AV1_GUID, configureAv1, false, true};
  if (codec == "av1") return &av1;
#endif
  error = "this was built with NVENC API " + std::to_string(NVENCAPI_MAJOR_VERSION) + "." +
          std::to_string(NVENCAPI_MINOR_VERSION) + ", which has no " + codec;
  return nullptr;
}

}  // namespace eglantine
