// SPDX-License-Identifier: GPL-2.0-or-later
// NVIDIA's two libraries, opened when they are there. Used by nvenc_encoder.cc alone.
#pragma once

#include <cstdint>
#include <string>

#include <ffnvcodec/dynlink_cuda.h>
#include <ffnvcodec/nvEncodeAPI.h>

namespace eglantine {

struct NvencLibrary {
  tcuInit* cuInit = nullptr;
  tcuDeviceGet* cuDeviceGet = nullptr;
  tcuCtxCreate_v2* cuCtxCreate = nullptr;
  tcuCtxDestroy_v2* cuCtxDestroy = nullptr;
  tcuCtxPopCurrent_v2* cuCtxPopCurrent = nullptr;
  tcuCtxPushCurrent_v2* cuCtxPushCurrent = nullptr;
  NV_ENCODE_API_FUNCTION_LIST encode{};

  /** Opens them once and for all; nothing and a reason when they are missing or too old. */
  static const NvencLibrary* get(std::string& error);
};

}  // namespace eglantine
