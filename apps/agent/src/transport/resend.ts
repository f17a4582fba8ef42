// What leaves on the retransmission stream (RFC 4588): packets that the viewer asks for (`rtx.ts` says which), padding that
// tries a higher rate (`prober.ts`), and small signs of life while the picture goes another way. Built by `sender.ts`.

import { randomInt } from "node:crypto";
import type { ProbeCluster } from "../congestion/types.ts";
import { Needless } from "./needless.ts";
import type { Outlet, PacketKind } from "./outlet.ts";
import type { PacketSlot } from "./packet-ring.ts";
import { Padding } from "./padding.ts";
import { Prober } from "./prober.ts";
import type { RtpLayout } from "./rtp.ts";
import { type ResendLink, RetransmissionBudget, selectRetransmissions, writeRtxPacket } from "./rtx.ts";
import type { VideoStream } from "./video-stream.ts";

/** Longest pause between two looks at what a probe owes, ms. */
const PROBE_STEP_MS = 1;
/** A request for packets that can't come in time any more asks for no second keyframe before the first can have come. */
const HOPELESS_REPEAT_MS = 500;

/** Where packets overtake each other, what is asked for again after so long was lost; libwebrtc asks again after 100 ms. */
const PATIENCE_MS = 50;

export class Resend {
  readonly #stream: VideoStream;
  readonly #outlet: Outlet;
  readonly #layout: RtpLayout;
  readonly #budget = new RetransmissionBudget();
  readonly #needless = new Needless();
  readonly #prober = new Prober();
  readonly #padding: Padding;
  readonly #fields;
  #probing: NodeJS.Timeout | undefined;
  #hopelessMs = Number.NEGATIVE_INFINITY;

  constructor(stream: VideoStream, outlet: Outlet, layout: RtpLayout, ssrc: number) {
    this.#stream = stream;
    this.#outlet = outlet;
    this.#layout = layout;
    this.#padding = new Padding(layout);
    this.#fields = { payloadType: 0, marker: false, sequence: randomInt(2 ** 15), timestamp: 0, ssrc };
  }

  /** Sends again what is due of it. True when the viewer waits for what it can't get in time any more: it needs a keyframe. */
  answer(
    sequences: readonly number[],
    path: { readonly roundTripMs: number; readonly targetBps: number; readonly copies: number },
    nowMs: number,
  ): boolean {
    const { sent } = this.#outlet;
    const arrived = (wireSequence: number) => sent.arrived(wireSequence);
    this.#needless.judge(arrived, path.roundTripMs, nowMs);
    const link: ResendLink = {
      ...path,
      patienceMs: this.#needless.usual ? PATIENCE_MS : 0,
      arrived,
      onAsked: (wireSequence) => this.#needless.asked(wireSequence, nowMs),
    };
    const { slots, hopeless } = selectRetransmissions(this.#stream.ring, sequences, this.#budget, link, nowMs);
    for (let copy = 0; copy < link.copies; copy += 1) {
      for (const slot of slots) this.#again(slot, "retransmission", nowMs);
    }
    if (!hopeless || nowMs - this.#hopelessMs < HOPELESS_REPEAT_MS) return false;
    this.#hopelessMs = nowMs;
    return true;
  }

  /** Begins with this cluster unless it had it before. */
  probe(cluster: ProbeCluster | undefined, nowMs: number): void {
    if (this.#stream.format?.rtxPayloadType === undefined) return;
    if (this.#prober.offer(cluster, nowMs)) this.#probeOn(nowMs);
  }

  /** A packet of nothing but padding, of about `bytes`; false where there is no stream for it. */
  signOfLife(bytes: number, nowMs: number): boolean {
    return this.#pad("padding", nowMs, undefined, bytes) > 0;
  }

  stop(): void {
    this.#prober.stop();
    clearTimeout(this.#probing);
    this.#probing = undefined;
  }

  #probeOn(nowMs: number): void {
    while (this.#prober.due(nowMs)) {
      const recent = this.#padding.recent(this.#stream.ring);
      const { id } = this.#prober;
      const bytes = recent === undefined ? this.#pad("probe", nowMs, id) : this.#again(recent, "probe", nowMs, id);
      if (bytes === 0) return this.stop();
      this.#prober.sent(bytes);
    }
    if (this.#prober.id === undefined) return;
    this.#probing = setTimeout(() => this.#probeOn(performance.now()), PROBE_STEP_MS);
  }

  #again(slot: PacketSlot, kind: PacketKind, nowMs: number, probeId?: number): number {
    this.#fields.payloadType = slot.rtxPayloadType as number;
    slot.resentMs = nowMs;
    const packet = writeRtxPacket(slot, this.#layout, this.#fields);
    this.#fields.sequence = (this.#fields.sequence + 1) & 0xffff;
    this.#outlet.put(packet, kind, nowMs, probeId);
    return packet.length;
  }

  #pad(kind: PacketKind, nowMs: number, probeId?: number, bytes?: number): number {
    const payloadType = this.#stream.format?.rtxPayloadType;
    if (payloadType === undefined) return 0;
    this.#fields.payloadType = payloadType;
    this.#fields.timestamp = this.#stream.timestamp;
    const packet = this.#padding.write(this.#fields, bytes);
    this.#fields.sequence = (this.#fields.sequence + 1) & 0xffff;
    this.#outlet.put(packet, kind, nowMs, probeId);
    return packet.length;
  }
}
