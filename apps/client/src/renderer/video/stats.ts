// From the browser's counters to the figures that are shown and sent. PURE. Used by `meter.ts`.
// Counters: W3C "Identifiers for WebRTC's Statistics API", RTCInboundRtpStreamStats and RTCIceCandidatePairStats.

/** Totals since the connection began. */
export interface ReceiveCounters {
  readonly atMs: number;
  /** Whole, and handed to the decoder. */
  readonly framesReceived: number;
  readonly framesDecoded: number;
  readonly framesDropped: number;
  readonly bytesReceived: number;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  /** Requests for lost packets (RFC 4585 6.2.1). */
  readonly nacks: number;
  readonly jitterBufferDelayS: number;
  readonly jitterBufferFrames: number;
  readonly decodeTimeS: number;
  /** Of the path in use; a state, not a total. */
  readonly roundTripMs: number;
  readonly decoder: string;
  /** WebRTC's way through the network, e.g. "UDP", "TURN over TLS"; empty where it is not told. */
  readonly route: string;
}

/** What one second brought. */
export interface VideoMeasures {
  readonly framesPerSecond: number;
  readonly bitrateBps: number;
  readonly roundTripMs: number;
  readonly jitterBufferMs: number;
  readonly decodeMs: number;
  readonly lostPackets: number;
  /** Lost of all packets of this second, 0 to 1. */
  readonly lossFraction: number;
  readonly decoder: string;
  readonly route: string;
}

type Entry = Readonly<Record<string, unknown>>;

/** Reads an RTCStatsReport's entries; undefined while there is no video in it. */
export function readCounters(entries: Iterable<Entry>): ReceiveCounters | undefined {
  const all = [...entries];
  const video = all.find((entry) => entry["type"] === "inbound-rtp" && entry["kind"] === "video");
  if (video === undefined) return undefined;
  const transport = all.find((entry) => entry["type"] === "transport");
  const pairId = transport?.["selectedCandidatePairId"];
  const pair = all.find((entry) => entry["type"] === "candidate-pair" && (entry["id"] === pairId || entry["selected"]));
  return {
    atMs: number(video["timestamp"]),
    framesReceived: number(video["framesReceived"]),
    framesDecoded: number(video["framesDecoded"]),
    framesDropped: number(video["framesDropped"]),
    bytesReceived: number(video["bytesReceived"]),
    packetsReceived: number(video["packetsReceived"]),
    packetsLost: number(video["packetsLost"]),
    nacks: number(video["nackCount"]),
    jitterBufferDelayS: number(video["jitterBufferDelay"]),
    jitterBufferFrames: number(video["jitterBufferEmittedCount"]),
    decodeTimeS: number(video["totalDecodeTime"]),
    roundTripMs: number(pair?.["currentRoundTripTime"]) * 1000,
    decoder: typeof video["decoderImplementation"] === "string" ? video["decoderImplementation"] : "",
    route: routeOf(
      all.find((entry) => entry["type"] === "local-candidate" && entry["id"] === pair?.["localCandidateId"]),
    ),
  };
}

/**
 * RTCIceCandidateStats: `relayProtocol` is how this side reaches its TURN server. The candidate there may be one that the agent
 * found first (`prflx`), so that its type says nothing.
 */
function routeOf(local: Entry | undefined): string {
  if (local === undefined) return "";
  const { relayProtocol: relay, protocol } = local;
  if (typeof relay === "string") return `TURN over ${relay.toUpperCase()}`;
  return typeof protocol === "string" ? protocol.toUpperCase() : "";
}

/** The same of the socket path, from what its decoder counts; there is no jitter buffer, and TCP hides its losses. */
export function socketCounters(
  totals: { readonly decoded: number; readonly decodeMs: number; readonly bytes: number; readonly decoder: string },
  roundTripMs: number,
  atMs: number,
): ReceiveCounters {
  return {
    atMs,
    framesReceived: totals.decoded,
    framesDecoded: totals.decoded,
    framesDropped: 0,
    bytesReceived: totals.bytes,
    packetsReceived: 0,
    packetsLost: 0,
    nacks: 0,
    jitterBufferDelayS: 0,
    jitterBufferFrames: 0,
    decodeTimeS: totals.decodeMs / 1000,
    roundTripMs,
    decoder: totals.decoder === "" ? "" : `WebCodecs ${totals.decoder}`,
    route: "",
  };
}

/**
 * The second between two readings. Nothing is negative: counters may start anew. What is measured per frame stays as it was
 * in `previous` while the desktop is still.
 */
export function measure(before: ReceiveCounters, after: ReceiveCounters, previous?: VideoMeasures): VideoMeasures {
  const seconds = Math.max(0.001, (after.atMs - before.atMs) / 1000);
  const grown = (name: Exclude<keyof ReceiveCounters, "decoder" | "route">): number =>
    Math.max(0, after[name] - before[name]);
  const frames = grown("framesDecoded");
  const emitted = grown("jitterBufferFrames");
  const lost = grown("packetsLost");
  const packets = grown("packetsReceived") + lost;
  return {
    framesPerSecond: frames / seconds,
    bitrateBps: (grown("bytesReceived") * 8) / seconds,
    roundTripMs: after.roundTripMs,
    jitterBufferMs: emitted === 0 ? (previous?.jitterBufferMs ?? 0) : (grown("jitterBufferDelayS") * 1000) / emitted,
    decodeMs: frames === 0 ? (previous?.decodeMs ?? 0) : (grown("decodeTimeS") * 1000) / frames,
    lostPackets: lost,
    lossFraction: packets === 0 ? 0 : lost / packets,
    decoder: after.decoder,
    route: after.route,
  };
}

export interface AgentFrameTimes {
  readonly grabMs: number;
  readonly convertMs: number;
  readonly encodeMs: number;
  readonly sendMs: number;
}

/** The agent's figures, with the times per frame of `previous` while it sends none. */
export function keepFrameTimes<T extends AgentFrameTimes & { readonly framesPerSecond: number }>(
  next: T,
  previous: T | undefined,
): T {
  if (next.framesPerSecond > 0 || previous === undefined) return next;
  const { grabMs, convertMs, encodeMs, sendMs } = previous;
  return { ...next, grabMs, convertMs, encodeMs, sendMs };
}

export interface KeyToPhotonParts {
  /** Round trip of the input channel. */
  readonly inputRoundTripMs: number;
  /** The agent's medians for one frame. */
  readonly agent: AgentFrameTimes;
  readonly video: Pick<VideoMeasures, "roundTripMs" | "jitterBufferMs" | "decodeMs">;
  /** Of the viewer's screen. */
  readonly refreshMs: number;
}

/**
 * Estimate from a key's event here to its effect on this screen, ms: half an input round trip, the agent's work on one
 * frame, half a network round trip, jitter buffer, decoding, and half a refresh of the screen on average. It leaves out
 * what the program in the desktop takes to draw, and what keyboard, mouse and screen add by themselves.
 */
export function keyToPhotonMs({ inputRoundTripMs, agent, video, refreshMs }: KeyToPhotonParts): number {
  return (
    inputRoundTripMs / 2 +
    agent.grabMs +
    agent.convertMs +
    agent.encodeMs +
    agent.sendMs +
    video.roundTripMs / 2 +
    video.jitterBufferMs +
    video.decodeMs +
    refreshMs / 2
  );
}

function number(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}
