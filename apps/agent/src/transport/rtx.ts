// Retransmission (RFC 4588): decides which of the packets that a viewer asks for are sent again, and turns a kept
// packet into its RTX form in place. A packet is not sent again before the last attempt can have been answered, and
// all of them together take no more than their share of the rate. Between `rtcp.ts` (NACK) and `sender.ts`.

import { HEADROOM_BYTES, type PacketRing, type PacketSlot } from "./packet-ring.ts";
import { type RtpLayout, writeRtpHeader, writeU16Be } from "./rtp.ts";

/**
 * A packet that is asked for when pictures this much newer have left: the viewer has been standing still for as long, and a
 * keyframe is there sooner than all that it misses. (libwebrtc itself waits for 3 s before it asks for one:
 * `max_wait_for_frame` in `video_receive_stream2.cc`, and would show the old pictures in a rush.)
 */
const MAX_WAIT_MS = 1000;
/** Share of the target rate that retransmissions may take. */
const RATE_SHARE = 0.3;
/** How much of that share may gather: a lost burst is repaired at once. */
const BURST_MS = 250;
/** However slow the link: room for a few packets, or nothing would ever be repaired. */
const MIN_BURST_BYTES = 8 * 1200;
/** What feedback says has arrived was asked for before that; who still asks after this time has lost it in some other way. */
const ARRIVED_PATIENCE_MS = 500;
/** Shortest time between two attempts, when the round trip is shorter still. */
const MIN_REPEAT_MS = 8;

export class RetransmissionBudget {
  #bytes = Number.POSITIVE_INFINITY;
  #filledMs = 0;

  /** True when `sizeBytes` may be spent now at this target rate. */
  take(sizeBytes: number, targetBps: number, nowMs: number): boolean {
    const bytesPerMs = (targetBps * RATE_SHARE) / 8000;
    const depth = Math.max(MIN_BURST_BYTES, bytesPerMs * BURST_MS);
    this.#bytes = Math.min(depth, this.#bytes + bytesPerMs * (nowMs - this.#filledMs));
    this.#filledMs = nowMs;
    if (this.#bytes < sizeBytes) return false;
    this.#bytes -= sizeBytes;
    return true;
  }
}

export interface ResendLink {
  readonly roundTripMs: number;
  readonly targetBps: number;
  /** How often each is sent. */
  readonly copies: number;
  /** What was asked for the first time less long ago may come by itself. */
  readonly patienceMs: number;
  /** Whether feedback has told that what left under this transport-wide number arrived. */
  arrived(wireSequence: number): boolean;
  /** It is asked for, for the first time. */
  onAsked(wireSequence: number): void;
}

export interface Selection {
  /** To be sent again, marked as resent now. The array is reused by the next call. */
  readonly slots: readonly PacketSlot[];
  /** The viewer waits for a packet that it can't get in time any more: only a keyframe helps it. */
  readonly hopeless: boolean;
}

const selection = { slots: [] as PacketSlot[], hopeless: false };

/**
 * Which of the packets that the viewer asks for are sent again. One that would come too late to be played is not: when a
 * keyframe has begun to leave since, which is decoded without it, or when its turn has passed by more than `MAX_WAIT_MS`,
 * half a round trip of way included.
 */
export function selectRetransmissions(
  ring: PacketRing,
  sequences: readonly number[],
  budget: RetransmissionBudget,
  link: ResendLink,
  nowMs: number,
): Selection {
  selection.slots.length = 0;
  selection.hopeless = false;
  const repeatMs = Math.max(MIN_REPEAT_MS, link.roundTripMs);
  const newestMs = ring.last?.sentMs ?? nowMs;
  for (const sequence of sequences) {
    const index = ring.indexOf(sequence);
    if (index < ring.firstIndex || (index < ring.keyframeIndex && ring.keyframeIndex < ring.sendIndex)) continue;
    const slot = ring.at(index);
    if (slot === undefined || newestMs - slot.sentMs + link.roundTripMs / 2 > MAX_WAIT_MS) {
      selection.hopeless = true;
      continue;
    }
    if (slot.rtxPayloadType === undefined || nowMs - slot.resentMs < repeatMs) continue;
    if (Number.isNaN(slot.askedMs)) {
      slot.askedMs = nowMs;
      link.onAsked(slot.wireSequence);
    }
    const patienceMs = link.arrived(slot.wireSequence) ? ARRIVED_PATIENCE_MS : link.patienceMs;
    if (nowMs - slot.askedMs < patienceMs) continue;
    if (!budget.take(link.copies * slot.packetBytes, link.targetBps, nowMs)) break;
    slot.resentMs = nowMs;
    selection.slots.push(slot);
  }
  return selection;
}

/**
 * Rewrites the packet's buffer as RTX (RFC 4588 section 4): its own header moved two bytes to the front, the
 * original sequence number before the payload. Returns a view; the packet can be turned into RTX again later.
 */
export function writeRtxPacket(
  slot: PacketSlot,
  layout: RtpLayout,
  stream: { readonly payloadType: number; readonly ssrc: number; readonly sequence: number },
): Buffer {
  writeRtpHeader(slot.buffer, 0, layout, {
    payloadType: stream.payloadType,
    marker: slot.marker,
    sequence: stream.sequence & 0xffff,
    timestamp: slot.timestamp,
    ssrc: stream.ssrc,
  });
  writeU16Be(slot.buffer, layout.headerBytes, slot.index & 0xffff);
  return slot.buffer.subarray(0, HEADROOM_BYTES + slot.packetBytes);
}
