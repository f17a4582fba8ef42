// SPDX-License-Identifier: GPL-2.0-or-later
// H.264, H.265 and AV1 on an NVIDIA GPU (nvenc_config.cc says how), through the driver's own interface: FFmpeg's wrapper forces an IDR and a reset on every new
// bitrate. From stream.cc (a picture), back to it (an access unit). The driver keeps to the bitrate by itself.

#include <algorithm>
#include <cstring>

#include "coded_part.h"
#include "encoders.h"
#include "nvenc_config.h"

namespace eglantine {
namespace {

/** Room for bursts, in frames: enough for a keyframe to be readable, little enough to add no delay. */
constexpr double kVbvFrames = 1.5;
/** From 1, fastest, to 7, finest: at this one a 1080p picture takes a few milliseconds. */
const GUID& kPreset = NV_ENC_PRESET_P3_GUID;

class NvencEncoder final : public Encoder {
 public:
  NvencEncoder(const NvencLibrary& library, const NvencFormat& format)
      : library_(library), api_(library.encode), format_(format) {}

  ~NvencEncoder() override {
    if (context_ != nullptr) library_.cuCtxPushCurrent(context_);
    if (input_ != nullptr) api_.nvEncDestroyInputBuffer(session_, input_);
    if (output_ != nullptr) api_.nvEncDestroyBitstreamBuffer(session_, output_);
    if (session_ != nullptr) api_.nvEncDestroyEncoder(session_);
    if (context_ == nullptr) return;
    leaveContext();
    library_.cuCtxDestroy(context_);
  }

  bool open(const EncoderSettings& settings, std::string& error) {
    CUdevice device = 0;
    if (library_.cuDeviceGet(&device, 0) != CUDA_SUCCESS) {
      error = "CUDA finds no GPU";
      return false;
    }
    if (library_.cuCtxCreate(&context_, CU_CTX_SCHED_BLOCKING_SYNC, device) != CUDA_SUCCESS) {
      context_ = nullptr;
      error = "CUDA can't make a context on the GPU";
      return false;
    }
    const bool opened = openSession(error) && canCode(settings, error) && initialize(settings, error) && createBuffers(settings, error);
    leaveContext();
    return opened;
  }

  bool controlsRate() const override { return true; }

  bool encode(const EncodeRequest& request, const std::function<void(CodedPart)>& out, std::string& error) override {
    CodedPart part;
    library_.cuCtxPushCurrent(context_);
    const bool done = upload(request.picture, error) && submit(request, error) && download(part, error);
    leaveContext();
    if (done) out(std::move(part));
    return done;
  }

  bool reconfigure(int framesPerSecond, int64_t bitrateBps, std::string& error) override {
    setRate(framesPerSecond, bitrateBps);
    NV_ENC_RECONFIGURE_PARAMS params{};
    params.version = NV_ENC_RECONFIGURE_PARAMS_VER;
    params.reInitEncodeParams = initialization_;
    params.resetEncoder = 0;
    params.forceIDR = 0;
    library_.cuCtxPushCurrent(context_);
    const bool done = check(api_.nvEncReconfigureEncoder(session_, &params), "new bitrate", error);
    leaveContext();
    return done;
  }

 private:
  void leaveContext() {
    CUcontext left = nullptr;
    library_.cuCtxPopCurrent(&left);
  }

  bool check(NVENCSTATUS status, const char* step, std::string& error) {
    if (status == NV_ENC_SUCCESS) return true;
    error = std::string("NVENC: ") + step + " failed with status " + std::to_string(int(status));
    const char* const detail = session_ != nullptr ? api_.nvEncGetLastErrorString(session_) : nullptr;
    if (detail != nullptr && detail[0] != '\0') error += std::string(" (") + detail + ")";
    return false;
  }

  bool openSession(std::string& error) {
    NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS params{};
    params.version = NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS_VER;
    params.apiVersion = NVENCAPI_VERSION;
    params.deviceType = NV_ENC_DEVICE_TYPE_CUDA;
    params.device = context_;
    void* session = nullptr;
    const NVENCSTATUS status = api_.nvEncOpenEncodeSessionEx(&params, &session);
    if (status == NV_ENC_SUCCESS) session_ = session;
    return check(status, "session (the GPU has no encoder, or all of its sessions are taken)", error);
  }

  /** Whether this GPU has the format, in this size. */
  bool canCode(const EncoderSettings& settings, std::string& error) {
    uint32_t count = 0;
    if (!check(api_.nvEncGetEncodeGUIDCount(session_, &count), "asking for formats", error)) return false;
    std::vector<GUID> codecs(count);
    if (!check(api_.nvEncGetEncodeGUIDs(session_, codecs.data(), count, &count), "asking for formats", error)) return false;
    const auto same = [this](const GUID& guid) { return memcmp(&guid, &format_.codec, sizeof guid) == 0; };
    if (std::none_of(codecs.begin(), codecs.begin() + count, same)) {
      error = std::string("this GPU codes no ") + format_.name;
    } else if (settings.chroma444 && (!format_.chroma444 || capability(NV_ENC_CAPS_SUPPORT_YUV444_ENCODE) == 0)) {
      error = std::string("this GPU codes no ") + format_.name + " 4:4:4";
    } else if (capability(NV_ENC_CAPS_WIDTH_MAX) < settings.widthPx || capability(NV_ENC_CAPS_HEIGHT_MAX) < settings.heightPx) {
      error = std::string("this GPU codes no ") + format_.name + " of " + std::to_string(settings.widthPx) + "x" +
              std::to_string(settings.heightPx);
    } else {
      chroma444_ = settings.chroma444;
      return true;
    }
    return false;
  }

  /** 0 when it can't be asked for. */
  int capability(NV_ENC_CAPS what) {
    NV_ENC_CAPS_PARAM param{};
    param.version = NV_ENC_CAPS_PARAM_VER;
    param.capsToQuery = what;
    int value = 0;
    return api_.nvEncGetEncodeCaps(session_, format_.codec, &param, &value) == NV_ENC_SUCCESS ? value : 0;
  }

  bool initialize(const EncoderSettings& settings, std::string& error) {
    NV_ENC_PRESET_CONFIG preset{};
    preset.version = NV_ENC_PRESET_CONFIG_VER;
    preset.presetCfg.version = NV_ENC_CONFIG_VER;
    const NVENCSTATUS status = api_.nvEncGetEncodePresetConfigEx(session_, format_.codec, kPreset,
                                                                 NV_ENC_TUNING_INFO_ULTRA_LOW_LATENCY, &preset);
    if (!check(status, "preset", error)) return false;
    config_ = preset.presetCfg;
    config_.version = NV_ENC_CONFIG_VER;
    config_.gopLength = NVENC_INFINITE_GOPLENGTH;
    config_.frameIntervalP = 1;
    config_.rcParams.rateControlMode = NV_ENC_PARAMS_RC_CBR;
    config_.rcParams.multiPass = NV_ENC_TWO_PASS_QUARTER_RESOLUTION;
    config_.rcParams.zeroReorderDelay = 1;
    config_.rcParams.enableLookahead = 0;
    config_.rcParams.lowDelayKeyFrameScale = 1;
    format_.configure(config_, chroma444_);

    initialization_ = {};
    initialization_.version = NV_ENC_INITIALIZE_PARAMS_VER;
    initialization_.encodeGUID = format_.codec;
    initialization_.presetGUID = kPreset;
    initialization_.tuningInfo = NV_ENC_TUNING_INFO_ULTRA_LOW_LATENCY;
    initialization_.encodeWidth = initialization_.darWidth = uint32_t(settings.widthPx);
    initialization_.encodeHeight = initialization_.darHeight = uint32_t(settings.heightPx);
    initialization_.enablePTD = 1;
    initialization_.enableEncodeAsync = 0;
    initialization_.encodeConfig = &config_;
    setRate(settings.framesPerSecond, settings.bitrateBps);
    return check(api_.nvEncInitializeEncoder(session_, &initialization_), "start", error);
  }

  void setRate(int framesPerSecond, int64_t bitrateBps) {
    initialization_.frameRateNum = uint32_t(framesPerSecond);
    initialization_.frameRateDen = 1;
    NV_ENC_RC_PARAMS& rate = config_.rcParams;
    rate.averageBitRate = rate.maxBitRate = uint32_t(bitrateBps);
    rate.vbvBufferSize = rate.vbvInitialDelay = uint32_t(double(bitrateBps) / framesPerSecond * kVbvFrames);
  }

  bool createBuffers(const EncoderSettings& settings, std::string& error) {
    NV_ENC_CREATE_INPUT_BUFFER input{};
    input.version = NV_ENC_CREATE_INPUT_BUFFER_VER;
    input.width = uint32_t(settings.widthPx);
    input.height = uint32_t(settings.heightPx);
    input.bufferFmt = bufferFormat();
    if (!check(api_.nvEncCreateInputBuffer(session_, &input), "input buffer", error)) return false;
    input_ = input.inputBuffer;
    NV_ENC_CREATE_BITSTREAM_BUFFER output{};
    output.version = NV_ENC_CREATE_BITSTREAM_BUFFER_VER;
    if (!check(api_.nvEncCreateBitstreamBuffer(session_, &output), "output buffer", error)) return false;
    output_ = output.bitstreamBuffer;
    return true;
  }

  bool upload(const Picture& picture, std::string& error) {
    NV_ENC_LOCK_INPUT_BUFFER lock{};
    lock.version = NV_ENC_LOCK_INPUT_BUFFER_VER;
    lock.inputBuffer = input_;
    if (!check(api_.nvEncLockInputBuffer(session_, &lock), "locking the input", error)) return false;
    pitch_ = lock.pitch;
    uint8_t* to = static_cast<uint8_t*>(lock.bufferDataPtr);
    const auto copy = [&](const uint8_t* from, int rows) {
      for (int y = 0; y < rows; y++, from += picture.stride, to += pitch_) memcpy(to, from, size_t(picture.widthPx));
    };
    copy(picture.luma, picture.heightPx);
    if (chroma444_) {
      copy(picture.u, picture.heightPx);
      copy(picture.v, picture.heightPx);
    } else {
      copy(picture.chroma, picture.heightPx / 2);
    }
    return check(api_.nvEncUnlockInputBuffer(session_, input_), "unlocking the input", error);
  }

  bool submit(const EncodeRequest& request, std::string& error) {
    NV_ENC_PIC_PARAMS params{};
    params.version = NV_ENC_PIC_PARAMS_VER;
    params.inputWidth = initialization_.encodeWidth;
    params.inputHeight = initialization_.encodeHeight;
    params.inputPitch = pitch_;
    params.inputBuffer = input_;
    params.outputBitstream = output_;
    params.bufferFmt = bufferFormat();
    params.pictureStruct = NV_ENC_PIC_STRUCT_FRAME;
    params.frameIdx = frames_;
    params.inputTimeStamp = frames_++;
    if (request.keyframe) params.encodePicFlags = NV_ENC_PIC_FLAG_FORCEIDR | NV_ENC_PIC_FLAG_OUTPUT_SPSPPS;
    return check(api_.nvEncEncodePicture(session_, &params), "a picture", error);
  }

  bool download(CodedPart& coded, std::string& error) {
    NV_ENC_LOCK_BITSTREAM lock{};
    lock.version = NV_ENC_LOCK_BITSTREAM_VER;
    lock.outputBitstream = output_;
    if (!check(api_.nvEncLockBitstream(session_, &lock), "locking the output", error)) return false;
    const auto* const data = static_cast<const uint8_t*>(lock.bitstreamBufferPtr);
    const size_t skipped = isAv1() ? temporalDelimiterBytes(data, lock.bitstreamSizeInBytes) : 0;
    // AV1 has key frames and no IDR.
    const bool keyframe = lock.pictureType == NV_ENC_PIC_TYPE_IDR || (isAv1() && lock.pictureType == NV_ENC_PIC_TYPE_I);
    coded = wholePicture(data + skipped, lock.bitstreamSizeInBytes - skipped, keyframe, error);
    return check(api_.nvEncUnlockBitstream(session_, output_), "unlocking the output", error) && coded.data != nullptr;
  }

  NV_ENC_BUFFER_FORMAT bufferFormat() const { return chroma444_ ? NV_ENC_BUFFER_FORMAT_YUV444 : NV_ENC_BUFFER_FORMAT_NV12; }

  bool isAv1() const { return format_.temporalUnits; }

  const NvencLibrary& library_;
  const NV_ENCODE_API_FUNCTION_LIST& api_;
  const NvencFormat& format_;
  bool chroma444_ = false;
  CUcontext context_ = nullptr;
  void* session_ = nullptr;
  NV_ENC_INPUT_PTR input_ = nullptr;
  NV_ENC_OUTPUT_PTR output_ = nullptr;
  NV_ENC_CONFIG config_{};
  NV_ENC_INITIALIZE_PARAMS initialization_{};
  uint32_t pitch_ = 0;
  uint32_t frames_ = 0;
};

}  // namespace

std::unique_ptr<Encoder> openNvenc(const std::string& codec, const EncoderSettings& settings, std::string& error) {
  const NvencFormat* const format = nvencFormat(codec, error);
  if (format == nullptr) return nullptr;
  const NvencLibrary* const library = NvencLibrary::get(error);
  if (library == nullptr) return nullptr;
  auto encoder = std::make_unique<NvencEncoder>(*library, *format);
  if (!encoder->open(settings, error)) return nullptr;
  return encoder;
}

}  // namespace eglantine
