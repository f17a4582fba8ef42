// SPDX-License-Identifier: GPL-2.0-or-later
// The socket of an X display on this machine, and the proof of access that goes with it. To screen.cc.
#pragma once

#include <string>

namespace eglantine {

/** The number in ":N", ":N.S" or "unix:N", or -1: another kind of display. */
int localDisplayNumber(const std::string& display);

/** A connected socket that never blocks, or -1: nobody listens, or more wait than the server takes. */
int connectDisplay(int number);

/** An entry of the Xauthority file. Empty where there is none: the server may let everybody in. */
struct Access {
  std::string name;
  std::string data;
};
Access findAccess(int number);

}  // namespace eglantine
