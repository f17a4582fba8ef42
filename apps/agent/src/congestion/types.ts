// The contract of congestion control: what the sender tells it and what it decides. Pure: no clock, no timer, no
// socket; every call carries `nowMs` of one monotonic clock. Fed by `transport/feedback.ts`, obeyed by
// `transport/sender.ts` (pacing) and the encoder (target).

/** What became of one packet, as the viewer reported it. */
export interface PacketResult {
  /** Counts on without wrapping, one for each packet that left, retransmissions too. */
  readonly sequence: number;
  readonly sentMs: number;
  /** On the wire, IP and UDP headers included. */
  readonly sizeBytes: number;
  /** On the viewer's clock, whose zero is unknown; NaN: it says that the packet did not arrive. */
  readonly arrivedMs: number;
  /** Of the probe cluster that it belongs to; absent for media, repair and everything else. */
  readonly probeId?: number | undefined;
}

export interface RateLimits {
  readonly startBps: number;
  readonly minBps: number;
  readonly maxBps: number;
}

export interface ControllerOptions extends RateLimits {
  /** Congestion control is off: the target is `maxBps` whatever happens. Pace, loss and repair are as ever. */
  readonly fixed?: boolean | undefined;
}

/** Padding to be sent on top of the media, evenly at `bps`, until `bytes` have left; its packets carry `probeId`. */
export interface ProbeCluster {
  readonly id: number;
  readonly bps: number;
  readonly bytes: number;
}

export type ControllerInput =
  /** A packet left; `waitingBytes`: of those that still wait for the pacer. */
  | { readonly type: "sent"; readonly sizeBytes: number; readonly waitingBytes?: number }
  /** A feedback message, in order of `sequence`. A packet reported lost may come again as arrived, late. */
  | { readonly type: "feedback"; readonly results: readonly PacketResult[] }
  | { readonly type: "round-trip"; readonly roundTripMs: number }
  /** A receiver report, on a path without transport-wide feedback: the share that was lost since the last one, 0 to 1. */
  | { readonly type: "report-loss"; readonly fraction: number }
  /** Other bounds from now on. `startBps` only counts while nothing has been measured. */
  | ({ readonly type: "limits" } & RateLimits)
  /** The picture goes another way (true), or this one again: meanwhile the path is not probed. */
  | { readonly type: "set-aside"; readonly aside: boolean }
  /** At least every 200 ms while something is in flight: sees that feedback has stopped. */
  | { readonly type: "tick" };

export interface ControllerOutput {
  /** What all packets together may take, bit/s, IP and UDP headers included. */
  readonly targetBps: number;
  /** How fast a frame that is larger than its budget may leave, bit/s. */
  readonly paceBps: number;
  /** Delay that packets find in queues on the way, above the least that was seen lately. */
  readonly queueMs: number;
  /** Less was sent than the target allows: the estimate stands, it is not being tested. */
  readonly applicationLimited: boolean;
  /** Share of the packets that was lost lately, 0 to 1. */
  readonly lossFraction: number;
  /** Repair packets wanted, as a share of the media packets, inside `targetBps`. 0 without loss that repair would help. */
  readonly fecFraction: number;
  /** How often a packet that the viewer asks for is sent: twice where chance loses packets, since it waits long to ask again. */
  readonly resendCopies: number;
  /** A cluster to send now; the same one stands here until it has been reported. One whose `id` was sent is not sent again. */
  readonly probe: ProbeCluster | undefined;
}
