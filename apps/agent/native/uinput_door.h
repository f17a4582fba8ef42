// SPDX-License-Identifier: GPL-2.0-or-later
// The door between JavaScript and uinput_pad.h: the class UinputPad of src/linux/uinput.ts. To addon.cc.
#pragma once

#include <napi.h>

namespace eglantine {

Napi::Function defineUinputPad(Napi::Env env);

}  // namespace eglantine
