// SPDX-License-Identifier: GPL-2.0-or-later
// The one clock of the add-on: microseconds of CLOCK_MONOTONIC, what process.hrtime counts too.
#pragma once

#include <time.h>

#include <cstdint>

namespace eglantine {

inline int64_t monotonicUs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000000 + now.tv_nsec / 1000;
}

}  // namespace eglantine
