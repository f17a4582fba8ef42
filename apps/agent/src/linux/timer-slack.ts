// Timer slack (prctl(2), PR_SET_TIMERSLACK): how late the kernel may wake a thread whose time has come. A thread inherits
// it from the one that creates it, so a library's threads are made calmer by creating them under a larger one. Used by
// `transport/webrtc.ts`; done by native/timer_slack.cc.

import { loadNativeAddon } from "../video/native.ts";

/** Runs `act` with that slack on the calling thread, and gives the former one back. */
export function withTimerSlack(slackMs: number, act: () => void): void {
  const addon = loadNativeAddon();
  const formerNs = addon.setTimerSlack(slackMs * 1e6);
  try {
    act();
  } finally {
    addon.setTimerSlack(formerNs);
  }
}
