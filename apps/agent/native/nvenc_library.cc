// SPDX-License-Identifier: GPL-2.0-or-later
// NVIDIA's two libraries: libcuda.so.1 for a context, libnvidia-encode.so.1 for the encoder. To nvenc_encoder.cc.

#include "nvenc_library.h"

#include <dlfcn.h>

namespace eglantine {
namespace {

using GetMaxSupportedVersion = NVENCSTATUS(NVENCAPI*)(uint32_t*);
using CreateInstance = NVENCSTATUS(NVENCAPI*)(NV_ENCODE_API_FUNCTION_LIST*);

template <typename Function>
bool find(void* library, const char* name, Function*& function, std::string& error) {
  function = reinterpret_cast<Function*>(dlsym(library, name));
  if (function == nullptr) error = std::string("the NVIDIA driver lacks ") + name;
  return function != nullptr;
}

bool load(NvencLibrary& library, std::string& error) {
  void* const cuda = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (cuda == nullptr) {
    error = "no NVIDIA driver: libcuda.so.1 is not there";
    return false;
  }
  void* const encode = dlopen("libnvidia-encode.so.1", RTLD_NOW | RTLD_LOCAL);
  if (encode == nullptr) {
    error = "libnvidia-encode.so.1 is not there (NVIDIA_DRIVER_CAPABILITIES must contain video)";
    return false;
  }
  std::remove_pointer_t<GetMaxSupportedVersion>* maxVersion = nullptr;
  std::remove_pointer_t<CreateInstance>* createInstance = nullptr;
  if (!find(cuda, "cuInit", library.cuInit, error) || !find(cuda, "cuDeviceGet", library.cuDeviceGet, error) ||
      !find(cuda, "cuCtxCreate_v2", library.cuCtxCreate, error) ||
      !find(cuda, "cuCtxDestroy_v2", library.cuCtxDestroy, error) ||
      !find(cuda, "cuCtxPopCurrent_v2", library.cuCtxPopCurrent, error) ||
      !find(cuda, "cuCtxPushCurrent_v2", library.cuCtxPushCurrent, error) ||
      !find(encode, "NvEncodeAPIGetMaxSupportedVersion", maxVersion, error) ||
      !find(encode, "NvEncodeAPICreateInstance", createInstance, error)) {
    return false;
  }
  uint32_t supported = 0;
  if (maxVersion(&supported) != NV_ENC_SUCCESS || supported < ((NVENCAPI_MAJOR_VERSION << 4) | NVENCAPI_MINOR_VERSION)) {
    error = "the NVIDIA driver is too old for NVENC API " + std::to_string(NVENCAPI_MAJOR_VERSION) + "." +
            std::to_string(NVENCAPI_MINOR_VERSION);
    return false;
  }
  library.encode.version = NV_ENCODE_API_FUNCTION_LIST_VER;
  if (createInstance(&library.encode) != NV_ENC_SUCCESS) {
    error = "NVENC can't be used with this driver";
    return false;
  }
  if (library.cuInit(0) != CUDA_SUCCESS) {
    error = "CUDA finds no usable GPU";
    return false;
  }
  return true;
}

}  // namespace

const NvencLibrary* NvencLibrary::get(std::string& error) {
  struct Outcome {
    NvencLibrary library;
    std::string error;
    bool loaded;
    Outcome() : loaded(load(library, error)) {}
  };
  static const Outcome outcome;
  error = outcome.error;
  return outcome.loaded ? &outcome.library : nullptr;
}

}  // namespace eglantine
