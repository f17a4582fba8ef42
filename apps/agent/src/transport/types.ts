// The contracts between a viewer's session and the ways to that viewer: `webrtc.ts`, and `socket.ts` over the control
// WebSocket. Owned by `session/paths.ts`. Comes from `video/types.ts` (access units), goes to the network.

import type { Format } from "@eglantine/protocol/formats";
import type { MicrophonePacket } from "../audio/microphone-intake.ts";
import type { SoundPacket } from "../audio/types.ts";
import type { SoundRepair } from "../audio/viewer-sound.ts";
import type { RateLimits } from "../congestion/types.ts";
import type { AccessUnit } from "../video/types.ts";

export interface TransportSink {
  /** A local ICE candidate to signal. An empty one ends them. */
  onCandidate(candidate: string, mid: string): void;
  /** Media and data can flow. Once. */
  onConnected(): void;
  /** A binary message of the viewer; `data` is only valid during the call. */
  onMessage(channel: "input" | "motion", data: Uint8Array): void;
  /**
   * The channel that carries the viewer's keys has closed: release what it holds. A path that has only fallen silent says so by
   * `onAlive`.
   */
  onInputLost(): void;
  /** Packets go out and nothing comes back (false, after 350 ms and two round trips), or something does again (true). */
  onAlive(alive: boolean): void;
  /** The viewer can't decode without a new IDR (PLI, FIR). */
  onKeyframeNeeded(): void;
  /** What the encoder may spend from now on, bit/s. */
  onTargetBps(targetBps: number): void;
  /** A packet of the viewer's microphone; `data` is only valid during the call. */
  onMicrophone(packet: MicrophonePacket): void;
  /** The transport is over: a reason of the protocol and a detail for the log. Once. */
  onFailed(reason: TransportFailure, detail: string): void;
}

/** Of the protocol's reasons, those that a transport finds. */
export type TransportFailure = "media-failed" | "no-common-codec" | "protocol-error" | "rate-limited";

/** Counters since start; the session turns them into rates. */
export interface TransportCounters {
  readonly sentPackets: number;
  readonly sentBytes: number;
  readonly retransmittedPackets: number;
  readonly lostPackets: number;
  /** Messages of the viewer that meant nothing: for packets or streams that never were, or with impossible times. */
  readonly ignoredFeedback: number;
  readonly roundTripMs: number;
  readonly targetBps: number;
  /** Delay that packets find in queues on the way. */
  readonly queueMs: number;
  /** Lost of all packets lately, and repair packets of all sent, 0 to 1. */
  readonly lossFraction: number;
  readonly fecFraction: number;
  /** Median over the last second: access unit handed in → last packet handed to the socket, ms. */
  readonly sendMs: number;
}

/** A way that access units and feedback can take. */
export interface MediaPath {
  /**
   * Whether the picture goes this way; it does from the start, and goes on with a keyframe that the caller sees to. One that is set aside
   * takes no units. Where nothing else tells whether it works it sends small probes instead, so that `onAlive` does.
   */
  setActive(active: boolean): void;
  /** Bounds of the rate from now on; `startBps` only counts while nothing has been measured. */
  setLimits(limits: RateLimits): void;
  /** Sends it, cut and paced as the path needs; drops it when not connected. `unit.data` may be kept. */
  send(unit: AccessUnit): void;
  /** A binary message of `feedback.ts`. False: dropped, since the channel is not open or too full. */
  sendFeedback(message: Uint8Array): boolean;
  /** As in `counters`, which makes all of them. */
  readonly sentBytes: number;
  counters(): TransportCounters;
  close(): Promise<void>;
}

/** The path that is negotiated: WebRTC. */
export interface Transport extends MediaPath {
  /** Applies the viewer's offer and resolves to the answer. Rejects with ProtocolError for an SDP that is none. */
  answer(offerSdp: string): Promise<string>;
  addCandidate(candidate: string, mid: string): void;
  /** Datagrams of the viewer on the media path that were no RTCP, or damaged. */
  readonly malformedFeedback: number;
  /** What the viewer decodes on this way, once its offer was answered. */
  readonly formats: readonly Format[];
  /** A picture goes another way: as long as there are some, a path that is set aside is probed often. */
  stir(): void;
  /** Sends it at once. False: the viewer takes no such sound here. */
  sendSound(packet: SoundPacket): boolean;
  readonly soundRepair: SoundRepair;
  /** The RTP timestamp that it goes out with; undefined when it was dropped. */
  send(unit: AccessUnit): number | undefined;
}
