// Retransmission (RFC 4588): decides which of the packets that a viewer asks for are sent again, and turns a kept
// packet into its RTX form in place. A packet is not sent again before the last attempt can have been answered, and
// all of them together take no more than their share of the rate. Between `rtcp.ts` (NACK) and `sender.ts`.

import { HEADROOM_BYTES, type PacketRing, type PacketSlot } from "./packet-ring.ts";
import { type RtpLayout, writeRtpHeader, writeU16Be } from "./rtp.ts";

/** A packet that left so long before the last one shows a picture that nobody waits for any more. */
const MAX_AGE_MS = 1000;
/** Share of the target rate that retransmissions may take. */
const RATE_SHARE = 0.3;
/** How much of that share may gather: a lost burst is repaired at once. */
const BURST_MS = 250;
/** However slow the link: room for a few packets, or nothing would ever be repaired. */
const MIN_BURST_BYTES = 8 * 1200;
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

/** The kept packets among `sequences` that are due again, marked as resent now. */
export function selectRetransmissions(
  ring: PacketRing,
  sequences: readonly number[],
  budget: RetransmissionBudget,
  link: { readonly roundTripMs: number; readonly targetBps: number },
  nowMs: number,
): PacketSlot[] {
  const chosen: PacketSlot[] = [];
  const repeatMs = Math.max(MIN_REPEAT_MS, link.roundTripMs);
  const newestMs = ring.last?.sentMs ?? nowMs;
  for (const sequence of sequences) {
    const slot = ring.find(sequence);
    if (slot === undefined || newestMs - slot.sentMs > MAX_AGE_MS) continue;
    if (nowMs - slot.resentMs < repeatMs) continue;
    if (!budget.take(slot.packetBytes, link.targetBps, nowMs)) break;
    slot.resentMs = nowMs;
    chosen.push(slot);
  }
  return chosen;
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
