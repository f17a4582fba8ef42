// SPDX-License-Identifier: GPL-2.0-or-later
// The encoders of this add-on by name. From stream.cc and addon.cc's probe, to the family's files.
#pragma once

#include <memory>
#include <string>

#include "encoder.h"

namespace eglantine {

/**
 * Opens an encoder, or says why not and returns nothing. `name`: "x264", "nvenc-h264", "nvenc-h265", "nvenc-av1", or one of
 * a module (encoder_module.h): "vpx-vp8", "vpx-vp9", "aom-av1", "svt-av1", "x265-h265", "openh264-h264", "vaapi-" and
 * libavcodec's name.
 */
std::unique_ptr<Encoder> openEncoder(const std::string& name, const EncoderSettings& settings, std::string& error);

// The family in the add-on itself.
std::unique_ptr<Encoder> openX264(const EncoderSettings& settings, std::string& error);
/** `codec`: "h264", "h265" or "av1". */
std::unique_ptr<Encoder> openNvenc(const std::string& codec, const EncoderSettings& settings, std::string& error);

}  // namespace eglantine
