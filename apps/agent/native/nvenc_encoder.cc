// SPDX-License-Identifier: GPL-2.0-or-later
#include "encoder.h"
namespace eglantine {
std::unique_ptr<Encoder> openNvenc(const EncoderSettings&, std::string& error) { error = "libnvidia-encode.so.1 is not installed"; return nullptr; }
}
