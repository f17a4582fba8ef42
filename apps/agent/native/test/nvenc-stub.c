// SPDX-License-Identifier: GPL-2.0-or-later
// A stand-in for libnvidia-encode.so.1, built from the same header as nvenc_encoder.cc. It codes nothing; it writes what
// it is asked for to the file named by NVENC_STUB_LOG, one call a line, and a line "FAULT …" for whatever a driver would
// not forgive: versions, call order, buffers that are used while locked or never given back.
// NVENC_STUB_FAIL_PICTURE=n makes the n-th picture fail, NVENC_STUB_NO_SESSION=1 every session; NVENC_STUB_H264_ONLY=1 is
// a GPU without the other formats, NVENC_STUB_NO_444=1 one without 4:4:4.

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ffnvcodec/nvEncodeAPI.h>

#define MAX_PICTURE_BYTES (4096 * 4096 * 3)

typedef struct {
  int initialized, input_alive, output_alive, input_locked, output_locked, filled, coded, first;
  uint32_t width, height, bitrate;
  GUID codec;
  int planes444;
  uint32_t pictures;
  int idr;
  uint8_t *input;
  uint8_t stream[64];
} session_t;

static void note(const char *format, ...) {
  const char *path = getenv("NVENC_STUB_LOG");
  FILE *log = path ? fopen(path, "a") : NULL;
  if (!log) return;
  va_list arguments;
  va_start(arguments, format);
  vfprintf(log, format, arguments);
  va_end(arguments);
  fputc('\n', log);
  fclose(log);
}

#define REQUIRE(condition, ...)              \
  do {                                       \
    if (!(condition)) {                      \
      note("FAULT " __VA_ARGS__);            \
      return NV_ENC_ERR_INVALID_PARAM;       \
    }                                        \
  } while (0)

static int same(GUID a, GUID b) { return memcmp(&a, &b, sizeof a) == 0; }

static NVENCSTATUS NVENCAPI open_session(NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS *p, void **session) {
  REQUIRE(p->version == NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS_VER, "open: version");
  REQUIRE(p->apiVersion == NVENCAPI_VERSION, "open: API version");
  REQUIRE(p->deviceType == NV_ENC_DEVICE_TYPE_CUDA && p->device, "open: no CUDA context");
  if (getenv("NVENC_STUB_NO_SESSION")) return NV_ENC_ERR_UNSUPPORTED_DEVICE;
  session_t *s = calloc(1, sizeof *s);
  s->first = 1;
  *session = s;
  note("open");
  return NV_ENC_SUCCESS;
}

static const char *name_of(GUID codec) {
  if (same(codec, NV_ENC_CODEC_H264_GUID)) return "h264";
  if (same(codec, NV_ENC_CODEC_HEVC_GUID)) return "h265";
#if NVENCAPI_MAJOR_VERSION >= 12
  if (same(codec, NV_ENC_CODEC_AV1_GUID)) return "av1";
#endif
  return NULL;
}

static NVENCSTATUS NVENCAPI guid_count(void *session, uint32_t *count) {
  REQUIRE(session, "formats: no session");
  *count = getenv("NVENC_STUB_H264_ONLY") ? 1 : NVENCAPI_MAJOR_VERSION >= 12 ? 3 : 2;
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS NVENCAPI guids(void *session, GUID *list, uint32_t room, uint32_t *count) {
  static const GUID all[] = {
      {0x6bc82762, 0x4e63, 0x4ca4, {0xaa, 0x85, 0x1e, 0x50, 0xf3, 0x21, 0xf6, 0xbf}},  // H.264
      {0x790cdc88, 0x4522, 0x4d7b, {0x94, 0x25, 0xbd, 0xa9, 0x97, 0x5f, 0x76, 0x03}},  // H.265
      {0x0a352289, 0x0aa7, 0x4759, {0x86, 0x2d, 0x5d, 0x15, 0xcd, 0x16, 0xd2, 0x54}},  // AV1
  };
  guid_count(session, count);
  REQUIRE(room >= *count, "formats: no room");
  memcpy(list, all, *count * sizeof *list);
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS NVENCAPI caps(void *session, GUID codec, NV_ENC_CAPS_PARAM *p, int *value) {
  REQUIRE(session && name_of(codec), "caps: codec");
  REQUIRE(p->version == NV_ENC_CAPS_PARAM_VER, "caps: version");
  *value = 0;
  if (p->capsToQuery == NV_ENC_CAPS_WIDTH_MAX || p->capsToQuery == NV_ENC_CAPS_HEIGHT_MAX) *value = 4096;
  if (p->capsToQuery == NV_ENC_CAPS_SUPPORT_YUV444_ENCODE) *value = !getenv("NVENC_STUB_NO_444");
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS NVENCAPI preset_config(void *session, GUID codec, GUID preset, NV_ENC_TUNING_INFO tuning,
                                          NV_ENC_PRESET_CONFIG *config) {
  REQUIRE(session, "preset: no session");
  REQUIRE(config->version == NV_ENC_PRESET_CONFIG_VER && config->presetCfg.version == NV_ENC_CONFIG_VER, "preset: version");
  REQUIRE(name_of(codec), "preset: codec");
  note("preset tuning=%d p3=%d", (int)tuning, same(preset, NV_ENC_PRESET_P3_GUID));
  config->presetCfg.gopLength = 30;
  config->presetCfg.frameIntervalP = 2;
  config->presetCfg.rcParams.version = NV_ENC_RC_PARAMS_VER;
  return NV_ENC_SUCCESS;
}

static int check_config(const NV_ENC_INITIALIZE_PARAMS *p) {
  const NV_ENC_CONFIG *c = p->encodeConfig;
  return p->version == NV_ENC_INITIALIZE_PARAMS_VER && c && c->version == NV_ENC_CONFIG_VER &&
         c->rcParams.version == NV_ENC_RC_PARAMS_VER;
}

static void note_h264(const NV_ENC_CONFIG *c) {
  const NV_ENC_CONFIG_H264 *h = &c->encodeCodecConfig.h264Config;
  note("h264 idr=%d repeat=%u profile=%s chroma=%u matrix=%u range=%u restriction=%u",
       h->idrPeriod == NVENC_INFINITE_GOPLENGTH, h->repeatSPSPPS,
       same(c->profileGUID, NV_ENC_H264_PROFILE_BASELINE_GUID)   ? "baseline"
       : same(c->profileGUID, NV_ENC_H264_PROFILE_HIGH_444_GUID) ? "high444"
                                                                 : "other",
       h->chromaFormatIDC, h->h264VUIParameters.colourMatrix, h->h264VUIParameters.videoFullRangeFlag,
       h->h264VUIParameters.bitstreamRestrictionFlag);
}

static void note_h265(const NV_ENC_CONFIG *c) {
  const NV_ENC_CONFIG_HEVC *h = &c->encodeCodecConfig.hevcConfig;
  note("h265 idr=%d repeat=%u main=%d chroma=%u matrix=%u range=%u restriction=%u", h->idrPeriod == NVENC_INFINITE_GOPLENGTH,
       h->repeatSPSPPS, same(c->profileGUID, NV_ENC_HEVC_PROFILE_MAIN_GUID), h->chromaFormatIDC,
       h->hevcVUIParameters.colourMatrix, h->hevcVUIParameters.videoFullRangeFlag,
       h->hevcVUIParameters.bitstreamRestrictionFlag);
}

#if NVENCAPI_MAJOR_VERSION >= 12
static void note_av1(const NV_ENC_CONFIG *c) {
  const NV_ENC_CONFIG_AV1 *a = &c->encodeCodecConfig.av1Config;
  note("av1 idr=%d repeat=%u main=%d chroma=%u matrix=%u range=%u annexb=%u", a->idrPeriod == NVENC_INFINITE_GOPLENGTH,
       a->repeatSeqHdr, same(c->profileGUID, NV_ENC_AV1_PROFILE_MAIN_GUID), a->chromaFormatIDC,
       (unsigned)a->matrixCoefficients, a->colorRange, a->outputAnnexBFormat);
}
#endif

static void note_config(const char *call, const NV_ENC_INITIALIZE_PARAMS *p) {
  const NV_ENC_CONFIG *c = p->encodeConfig;
  note("%s %ux%u fps=%u/%u bitrate=%u vbv=%u cbr=%d gop=%d interval=%d tuning=%d ptd=%u zero=%u", call, p->encodeWidth,
       p->encodeHeight, p->frameRateNum, p->frameRateDen, c->rcParams.averageBitRate, c->rcParams.vbvBufferSize,
       c->rcParams.rateControlMode == NV_ENC_PARAMS_RC_CBR, c->gopLength == NVENC_INFINITE_GOPLENGTH, c->frameIntervalP,
       (int)p->tuningInfo, p->enablePTD, c->rcParams.zeroReorderDelay);
  if (same(p->encodeGUID, NV_ENC_CODEC_H264_GUID)) note_h264(c);
  if (same(p->encodeGUID, NV_ENC_CODEC_HEVC_GUID)) note_h265(c);
#if NVENCAPI_MAJOR_VERSION >= 12
  if (same(p->encodeGUID, NV_ENC_CODEC_AV1_GUID)) note_av1(c);
#endif
}

static NVENCSTATUS NVENCAPI initialize(void *session, NV_ENC_INITIALIZE_PARAMS *p) {
  session_t *s = session;
  REQUIRE(!s->initialized, "initialize: twice");
  REQUIRE(check_config(p), "initialize: version");
  REQUIRE(name_of(p->encodeGUID), "initialize: codec");
  note_config("initialize", p);
  s->codec = p->encodeGUID;
  s->planes444 = same(s->codec, NV_ENC_CODEC_H264_GUID) && p->encodeConfig->encodeCodecConfig.h264Config.chromaFormatIDC == 3;
  s->initialized = 1;
  s->width = p->encodeWidth;
  s->height = p->encodeHeight;
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS NVENCAPI reconfigure(void *session, NV_ENC_RECONFIGURE_PARAMS *p) {
  session_t *s = session;
  REQUIRE(s->initialized, "reconfigure: not initialized");
  REQUIRE(p->version == NV_ENC_RECONFIGURE_PARAMS_VER && check_config(&p->reInitEncodeParams), "reconfigure: version");
  REQUIRE(p->reInitEncodeParams.encodeWidth == s->width, "reconfigure: another size");
  note("reconfigure reset=%u idr=%u", p->resetEncoder, p->forceIDR);
  note_config("reconfigured", &p->reInitEncodeParams);
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS NVENCAPI create_input(void *session, NV_ENC_CREATE_INPUT_BUFFER *p) {
  session_t *s = session;
  REQUIRE(s->initialized, "input: not initialized");
  REQUIRE(p->version == NV_ENC_CREATE_INPUT_BUFFER_VER, "input: version");
  REQUIRE(p->bufferFmt == (s->planes444 ? NV_ENC_BUFFER_FORMAT_YUV444 : NV_ENC_BUFFER_FORMAT_NV12), "input: format");
  REQUIRE(p->width == s->width && p->height == s->height, "input: size");
  s->input = calloc(1, MAX_PICTURE_BYTES);
  s->input_alive = 1;
  p->inputBuffer = s->input;
  note("create input");
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS NVENCAPI destroy_input(void *session, NV_ENC_INPUT_PTR buffer) {
  session_t *s = session;
  REQUIRE(s->input_alive && buffer == s->input && !s->input_locked, "input: destroyed in use or twice");
  s->input_alive = 0;
  free(s->input);
  note("destroy input");
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS NVENCAPI create_output(void *session, NV_ENC_CREATE_BITSTREAM_BUFFER *p) {
  session_t *s = session;
  REQUIRE(s->initialized, "output: not initialized");
  REQUIRE(p->version == NV_ENC_CREATE_BITSTREAM_BUFFER_VER, "output: version");
  s->output_alive = 1;
  p->bitstreamBuffer = s->stream;
  note("create output");
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS NVENCAPI destroy_output(void *session, NV_ENC_OUTPUT_PTR buffer) {
  session_t *s = session;
  REQUIRE(s->output_alive && buffer == s->stream && !s->output_locked, "output: destroyed in use or twice");
  s->output_alive = 0;
  note("destroy output");
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS NVENCAPI lock_input(void *session, NV_ENC_LOCK_INPUT_BUFFER *p) {
  session_t *s = session;
  REQUIRE(p->version == NV_ENC_LOCK_INPUT_BUFFER_VER, "lock input: version");
  REQUIRE(s->input_alive && p->inputBuffer == s->input && !s->input_locked, "lock input: not there or locked");
  s->input_locked = 1;
  p->bufferDataPtr = s->input;
  p->pitch = (s->width + 255) & ~255u;  // not the width: who ignores the pitch shears the picture
  memset(s->input, 0, (size_t)p->pitch * s->height * 3);
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS NVENCAPI unlock_input(void *session, NV_ENC_INPUT_PTR buffer) {
  session_t *s = session;
  REQUIRE(s->input_locked && buffer == s->input, "unlock input: not locked");
  s->input_locked = 0;
  s->filled = 1;
  const uint32_t pitch = (s->width + 255) & ~255u;
  const uint32_t rows = s->planes444 ? s->height * 3 : s->height + s->height / 2;
  const uint8_t *last = s->input + (size_t)pitch * (rows - 1) + s->width - 2;
  // Luma has at least 16 in limited range, the last chroma sample is grey or a colour, never 0.
  REQUIRE(s->input[0] >= 16 && s->input[(size_t)pitch * (s->height - 1) + s->width - 1] >= 16, "input: luma not filled");
  REQUIRE(last[0] && last[1], "input: chroma not filled");
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS NVENCAPI encode(void *session, NV_ENC_PIC_PARAMS *p) {
  session_t *s = session;
  REQUIRE(p->version == NV_ENC_PIC_PARAMS_VER, "encode: version");
  REQUIRE(s->input_alive && p->inputBuffer == s->input && !s->input_locked && s->filled, "encode: input not ready");
  REQUIRE(s->output_alive && p->outputBitstream == s->stream && !s->output_locked && !s->coded, "encode: output in use");
  REQUIRE(p->inputWidth == s->width && p->inputHeight == s->height && p->bufferFmt == (s->planes444 ? NV_ENC_BUFFER_FORMAT_YUV444 : NV_ENC_BUFFER_FORMAT_NV12) &&
              p->inputPitch == ((s->width + 255) & ~255u) && p->pictureStruct == NV_ENC_PIC_STRUCT_FRAME,
          "encode: picture");
  s->pictures++;
  const char *fail = getenv("NVENC_STUB_FAIL_PICTURE");
  if (fail && s->pictures == (uint32_t)atoi(fail)) {
    note("picture %u fails", s->pictures);
    return NV_ENC_ERR_DEVICE_NOT_EXIST;
  }
  s->idr = s->first || (p->encodePicFlags & NV_ENC_PIC_FLAG_FORCEIDR);
  REQUIRE(!(p->encodePicFlags & NV_ENC_PIC_FLAG_FORCEIDR) || (p->encodePicFlags & NV_ENC_PIC_FLAG_OUTPUT_SPSPPS),
          "encode: IDR without parameter sets");
  s->first = 0;
  s->filled = 0;
  s->coded = 1;
  note("picture %s", s->idr ? "IDR" : "P");
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS NVENCAPI lock_output(void *session, NV_ENC_LOCK_BITSTREAM *p) {
  session_t *s = session;
  REQUIRE(p->version == NV_ENC_LOCK_BITSTREAM_VER, "lock output: version");
  REQUIRE(s->coded && p->outputBitstream == s->stream && !s->output_locked && !p->doNotWait, "lock output: nothing there");
  // Heads of the right kind, and of AV1 a temporal delimiter in front; what follows them nobody decodes.
  static const uint8_t avc[2][20] = {{0, 0, 0, 1, 0x41, 0x9a},
                                     {0, 0, 0, 1, 0x67, 0x42, 0xe0, 0x1f, 0, 0, 0, 1, 0x68, 0xce, 0, 0, 0, 1, 0x65, 0x88}};
  static const uint8_t hevc[2][20] = {{0, 0, 0, 1, 0x02, 0x01, 0xd0},
                                      {0, 0, 0, 1, 0x40, 0x01, 0, 0, 0, 1, 0x42, 0x01, 0, 0, 0, 1, 0x26, 0x01, 0xaf}};
  static const uint8_t av1[2][20] = {{0x12, 0, 0x32, 1, 0x80}, {0x12, 0, 0x0a, 1, 0x20, 0x32, 1, 0x10}};
  static const size_t sizes[3][2] = {{6, 20}, {7, 19}, {5, 8}};
  const char kind = name_of(s->codec)[3];  // h264, h265, av1
  const uint8_t *unit = kind == '4' ? avc[s->idr] : kind == '5' ? hevc[s->idr] : av1[s->idr];
  p->bitstreamSizeInBytes = (uint32_t)sizes[kind == '4' ? 0 : kind == '5' ? 1 : 2][s->idr];
  memcpy(s->stream, unit, p->bitstreamSizeInBytes);
  p->bitstreamBufferPtr = s->stream;
  p->pictureType = s->idr ? NV_ENC_PIC_TYPE_IDR : NV_ENC_PIC_TYPE_P;
  s->output_locked = 1;
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS NVENCAPI unlock_output(void *session, NV_ENC_OUTPUT_PTR buffer) {
  session_t *s = session;
  REQUIRE(s->output_locked && buffer == s->stream, "unlock output: not locked");
  memset(s->stream, 0xee, sizeof s->stream);  // who still reads it reads nonsense
  s->output_locked = s->coded = 0;
  return NV_ENC_SUCCESS;
}

static NVENCSTATUS NVENCAPI destroy(void *session) {
  session_t *s = session;
  REQUIRE(!s->input_alive && !s->output_alive, "destroy: buffers still alive");
  note("destroy");
  free(s);
  return NV_ENC_SUCCESS;
}

static const char *NVENCAPI last_error(void *session) {
  (void)session;
  return "the stub refused";
}

NVENCSTATUS NVENCAPI NvEncodeAPIGetMaxSupportedVersion(uint32_t *version) {
  *version = (NVENCAPI_MAJOR_VERSION << 4) | NVENCAPI_MINOR_VERSION;
  return NV_ENC_SUCCESS;
}

NVENCSTATUS NVENCAPI NvEncodeAPICreateInstance(NV_ENCODE_API_FUNCTION_LIST *list) {
  REQUIRE(list->version == NV_ENCODE_API_FUNCTION_LIST_VER, "instance: version");
  list->nvEncOpenEncodeSessionEx = open_session;
  list->nvEncGetEncodeGUIDCount = guid_count;
  list->nvEncGetEncodeGUIDs = guids;
  list->nvEncGetEncodeCaps = caps;
  list->nvEncGetEncodePresetConfigEx = preset_config;
  list->nvEncInitializeEncoder = initialize;
  list->nvEncReconfigureEncoder = reconfigure;
  list->nvEncCreateInputBuffer = create_input;
  list->nvEncDestroyInputBuffer = destroy_input;
  list->nvEncCreateBitstreamBuffer = create_output;
  list->nvEncDestroyBitstreamBuffer = destroy_output;
  list->nvEncLockInputBuffer = lock_input;
  list->nvEncUnlockInputBuffer = unlock_input;
  list->nvEncEncodePicture = encode;
  list->nvEncLockBitstream = lock_output;
  list->nvEncUnlockBitstream = unlock_output;
  list->nvEncDestroyEncoder = destroy;
  list->nvEncGetLastErrorString = last_error;
  return NV_ENC_SUCCESS;
}
