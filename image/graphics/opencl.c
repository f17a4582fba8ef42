/* OpenCL's platforms and their devices. From: probe.c (`opencl`). */
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <stdlib.h>

#include "child.h"
#include "json.h"
#include "library.h"
#include "probe.h"

#define MOST 32

static void nothing(FILE *out, const char *why) {
  fputs("{\"platforms\":[],\"error\":", out);
  json_text(out, why);
  fputs("}", out);
}

static const char *type_name(cl_device_type type) {
  return type & CL_DEVICE_TYPE_GPU ? "gpu" : type & CL_DEVICE_TYPE_ACCELERATOR ? "accelerator" : type & CL_DEVICE_TYPE_CPU ? "cpu" : "other";
}

static void look(FILE *out, const void *about) {
  (void)about;
  char why[WHY_BYTES];
  if (!library_open("libOpenCL.so.1", why, sizeof why)) return nothing(out, why);
  __typeof__(&clGetPlatformIDs) getPlatformIDs = library_function("clGetPlatformIDs");
  __typeof__(&clGetPlatformInfo) getPlatformInfo = library_function("clGetPlatformInfo");
  __typeof__(&clGetDeviceIDs) getDeviceIDs = library_function("clGetDeviceIDs");
  __typeof__(&clGetDeviceInfo) getDeviceInfo = library_function("clGetDeviceInfo");

  cl_platform_id platforms[MOST];
  cl_uint count = 0;
  const cl_int status = getPlatformIDs(MOST, platforms, &count);
  if (status != CL_SUCCESS || count == 0) {
    snprintf(why, sizeof why, "libOpenCL found no platform (clGetPlatformIDs: %d): is a driver for it installed?", status);
    return nothing(out, why);
  }
  fputs("{\"platforms\":[", out);
  for (cl_uint i = 0; i < count && i < MOST; i++) {
    char text[512] = "";
    getPlatformInfo(platforms[i], CL_PLATFORM_NAME, sizeof text, text, NULL);
    fprintf(out, "%s{\"name\":", i == 0 ? "" : ",");
    json_text(out, text);
    text[0] = 0;
    getPlatformInfo(platforms[i], CL_PLATFORM_VERSION, sizeof text, text, NULL);
    fputs(",\"version\":", out);
    json_text(out, text);
    fputs(",\"devices\":[", out);
    cl_device_id devices[MOST];
    cl_uint device_count = 0;
    if (getDeviceIDs(platforms[i], CL_DEVICE_TYPE_ALL, MOST, devices, &device_count) != CL_SUCCESS) device_count = 0;
    for (cl_uint d = 0; d < device_count && d < MOST; d++) {
      cl_device_type type = 0;
      text[0] = 0;
      getDeviceInfo(devices[d], CL_DEVICE_NAME, sizeof text, text, NULL);
      getDeviceInfo(devices[d], CL_DEVICE_TYPE, sizeof type, &type, NULL);
      fprintf(out, "%s{\"name\":", d == 0 ? "" : ",");
      json_text(out, text);
      fprintf(out, ",\"type\":\"%s\"}", type_name(type));
    }
    fputs("]}", out);
  }
  fputs("],\"error\":null}", out);
}

void opencl_report(FILE *out) { child_answer(out, CHILD_SECONDS, look, NULL, nothing); }
