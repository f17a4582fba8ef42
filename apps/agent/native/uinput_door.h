// SPDX-License-Identifier: GPL-2.0-or-later
// The door between JavaScript and uinput_device.h: the class UinputDevice of src/linux/uinput.ts. To addon.cc.
#pragma once

#include <napi.h>

namespace eglantine {

Napi::Function defineUinputDevice(Napi::Env env);

}  // namespace eglantine
