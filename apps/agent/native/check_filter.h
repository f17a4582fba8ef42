// SPDX-License-Identifier: GPL-2.0-or-later
// A socket filter for ICE checks: see src/linux/check-filter.ts. To addon.cc.
#pragma once

#include <cstdint>

namespace eglantine {

/**
 * Lets the kernel drop STUN binding requests whose tie-breaker is 0 on every unconnected UDP socket of this process that is bound
 * to `port`. Returns how many sockets took the filter.
 */
int dropZeroTieBreakers(uint16_t port);

}  // namespace eglantine
