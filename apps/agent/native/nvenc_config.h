// SPDX-License-Identifier: GPL-2.0-or-later
// How NVENC codes each format for the lowest latency. Used by nvenc_encoder.cc alone.
#pragma once

#include <string>

#include "nvenc_library.h"

namespace eglantine {

struct NvencFormat {
  /** "H.264", … */
  const char* name;
  GUID codec;
  void (*configure)(NV_ENC_CONFIG& config, bool chroma444);
  /** The format has 4:4:4 here. */
  bool chroma444;
  /** AV1: pictures come with a temporal delimiter in front. */
  bool temporalUnits;
};

/** `codec`: "h264", "h265" or "av1". Nothing and a reason when the driver's header this was built with lacks it. */
const NvencFormat* nvencFormat(const std::string& codec, std::string& error);

}  // namespace eglantine
