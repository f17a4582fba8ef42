// SPDX-License-Identifier: GPL-2.0-or-later
// The encoders of this add-on by name. From stream.cc and addon.cc's probe, to the family's files.
#pragma once

#include <memory>
#include <string>

#include "encoder.h"

namespace eglantine {

/** Opens an encoder, or says why not and returns nothing. `name`: "x264" or "nvenc". */
std::unique_ptr<Encoder> openEncoder(const std::string& name, const EncoderSettings& settings, std::string& error);

// The family.
std::unique_ptr<Encoder> openX264(const EncoderSettings& settings, std::string& error);
std::unique_ptr<Encoder> openNvenc(const EncoderSettings& settings, std::string& error);

}  // namespace eglantine
