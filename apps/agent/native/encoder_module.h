// SPDX-License-Identifier: GPL-2.0-or-later
// Encoders that live in shared objects of their own, opened by encoders.cc when one is first asked for: libavcodec alone
// pulls in a hundred libraries, and a machine that lacks one of them keeps the other encoders.
#pragma once

#include <string>

#include "encoder.h"

#define EGLANTINE_ENCODER_MODULE extern "C" __attribute__((visibility("default")))

namespace eglantine {

/**
 * Exported by each module as "eglantineOpenEncoder". `what`: the name behind the first dash of the encoder's. The caller
 * owns what is returned; nothing with a reason in `error` when there is none.
 */
using OpenEncoder = Encoder*(const std::string& what, const EncoderSettings& settings, std::string& error);

}  // namespace eglantine
