// SPDX-License-Identifier: GPL-2.0-or-later
// Timer slack of the calling thread. To addon.cc.
#pragma once

namespace eglantine {

/** Sets it, 0 for the system's own, and returns the former one; both in ns (prctl(2), PR_SET_TIMERSLACK). */
unsigned long setTimerSlack(unsigned long nanoseconds);

}  // namespace eglantine
