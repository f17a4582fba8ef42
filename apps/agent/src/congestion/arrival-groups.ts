// Packets → groups → delay variation (draft-ietf-rmcat-gcc-02 sections 5.2 and 5.3). From `controller.ts`, goes to `trendline.ts`.
// A desktop's frame leaves in one burst, so a group is timed by its first packet: that one meets the queue which
// earlier frames left behind, while the last one also waits for its own frame, whose size changes all the time.

import type { PacketResult } from "./types.ts";

/** Packets that left within this time are one group (section 5.2, burst_time). */
const BURST_MS = 5;
/** An arrival clock that jumps further than this against the send clock was set anew: begin again. */
const MAX_JUMP_MS = 3000;

interface Group {
  firstSentMs: number;
  firstArrivedMs: number;
}

export interface ArrivalGroups {
  previous: Group | undefined;
  current: Group | undefined;
}

export interface DelayVariation {
  /** How much later the group arrived than the one before it, beyond how much later it left, ms. */
  readonly variationMs: number;
  /** Send time between the two groups, ms. */
  readonly sentDeltaMs: number;
  readonly arrivedMs: number;
}

export function createArrivalGroups(): ArrivalGroups {
  return { previous: undefined, current: undefined };
}

/** True for a packet that begins a group: the first of its burst. */
export function opensGroup(state: ArrivalGroups, packet: PacketResult): boolean {
  return state.current === undefined || packet.sentMs - state.current.firstSentMs > BURST_MS;
}

/** Takes the next packet that arrived; returns the variation between the two groups before its own, if it opens one. */
export function addArrival(state: ArrivalGroups, packet: PacketResult): DelayVariation | undefined {
  const { current, previous } = state;
  if (current === undefined) {
    state.current = { firstSentMs: packet.sentMs, firstArrivedMs: packet.arrivedMs };
    return undefined;
  }
  const sentSinceMs = packet.sentMs - current.firstSentMs;
  if (sentSinceMs < 0) return undefined;
  if (sentSinceMs <= BURST_MS) {
    if (packet.arrivedMs < current.firstArrivedMs) current.firstArrivedMs = packet.arrivedMs;
    return undefined;
  }
  state.previous = current;
  state.current = { firstSentMs: packet.sentMs, firstArrivedMs: packet.arrivedMs };
  if (previous === undefined) return undefined;
  const sentDeltaMs = current.firstSentMs - previous.firstSentMs;
  const variationMs = current.firstArrivedMs - previous.firstArrivedMs - sentDeltaMs;
  if (Math.abs(variationMs) > MAX_JUMP_MS) {
    state.previous = undefined;
    return undefined;
  }
  return { variationMs, sentDeltaMs, arrivedMs: current.firstArrivedMs };
}
