// SPDX-License-Identifier: GPL-2.0-or-later
// A stand-in for libcuda.so.1: contexts, and a line "FAULT …" in the stub's log when they are not balanced.

#include <stdio.h>
#include <stdlib.h>

#include <ffnvcodec/dynlink_cuda.h>

static __thread int depth;

static void fault(const char *what) {
  const char *path = getenv("NVENC_STUB_LOG");
  FILE *log = path ? fopen(path, "a") : NULL;
  if (!log) return;
  fprintf(log, "FAULT %s\n", what);
  fclose(log);
}

CUresult cuInit(unsigned int flags) { return flags == 0 ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY; }

CUresult cuDeviceGet(CUdevice *device, int ordinal) {
  *device = 0;
  return ordinal == 0 ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
}

CUresult cuCtxCreate_v2(CUcontext *context, unsigned int flags, CUdevice device) {
  (void)flags;
  (void)device;
  *context = malloc(1);
  depth++;
  return CUDA_SUCCESS;
}

CUresult cuCtxPushCurrent_v2(CUcontext context) {
  if (!context) fault("push: no context");
  depth++;
  return CUDA_SUCCESS;
}

CUresult cuCtxPopCurrent_v2(CUcontext *context) {
  *context = NULL;
  if (--depth < 0) fault("pop: nothing was pushed");
  return CUDA_SUCCESS;
}

CUresult cuCtxDestroy_v2(CUcontext context) {
  if (depth != 0) fault("destroy: context still current");
  free(context);
  return CUDA_SUCCESS;
}
