// SPDX-License-Identifier: GPL-2.0-or-later
// The encoders of this add-on by name: see encoders.h.

#include "encoders.h"

namespace eglantine {

std::unique_ptr<Encoder> openEncoder(const std::string& name, const EncoderSettings& settings, std::string& error) {
  if (name == "x264") return openX264(settings, error);
  if (name == "nvenc") return openNvenc(settings, error);
  error = "there is no encoder named \"" + name + "\"";
  return nullptr;
}

}  // namespace eglantine
