// SPDX-License-Identifier: GPL-2.0-or-later
// Timer slack of the calling thread: see src/linux/timer-slack.ts. Called by addon.cc.

#include "timer_slack.h"

#include <sys/prctl.h>

namespace eglantine {

unsigned long setTimerSlack(unsigned long nanoseconds) {
  const long former = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
  prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0);
  return former > 0 ? static_cast<unsigned long>(former) : 0;
}

}  // namespace eglantine
