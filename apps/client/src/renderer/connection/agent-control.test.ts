import { parseAgentControl } from "@eglantine/protocol/control";
import { ProtocolError } from "@eglantine/protocol/field";
import { REASON_NAMES } from "@eglantine/protocol/reasons";
import fc from "fast-check";
import { expect, it } from "vitest";
import { parseAgentFrame } from "./agent-control.ts";

/** What a parser makes of a frame: its message, or that it refuses. */
function outcome(parse: (frame: string) => unknown, frame: string): unknown {
  try {
    return parse(frame);
  } catch (error) {
    if (error instanceof ProtocolError) return "refused";
    throw error;
  }
}

function agree(frame: string): void {
  expect(outcome(parseAgentFrame, frame)).toEqual(outcome(parseAgentControl, frame));
}

const text = fc.oneof(fc.string(), fc.constantFrom("x".repeat(64), "x".repeat(65), "x".repeat(2048), "x".repeat(2049)));
const title = fc.oneof(
  fc.string(),
  fc.constantFrom("x".repeat(200), "x".repeat(201), "x".repeat(1000), "x".repeat(1001)),
);
const side = fc.oneof(fc.integer(), fc.constantFrom(63, 64, 1080, 8192, 8193, 64.5));
const measure = fc.oneof(fc.double(), fc.constantFrom(-1, 0, 1e12, 1.1e12));
const version = fc.record({ major: fc.integer({ min: -1, max: 0x10000 }), minor: fc.nat() });
const peer = fc.integer({ min: -1, max: 0x10000 });
const codec = fc.constantFrom("h264", "h265", "av1", "vp8", "vp9", "h263");
const path = fc.constantFrom("webrtc", "socket", "vnc", "smoke");
const rate = fc.oneof(fc.integer(), fc.constantFrom(50_000, 49_999, 1_000_000_000));
const wild = fc.jsonValue();
const doctorGroup = fc.constantFrom("container", "graphics", "measured", "nothing");

const honest = fc.oneof(
  fc.record({
    type: fc.constant("hello"),
    version,
    agent: text,
    session: text,
    iceServers: fc.array(
      fc.record(
        { urls: fc.array(text, { maxLength: 9 }), username: text, credential: text },
        { requiredKeys: ["urls"] },
      ),
      { maxLength: 9 },
    ),
    resize: fc.boolean(),
    paths: fc.array(path, { maxLength: 4 }),
    viewOnly: fc.boolean(),
  }),
  fc.record({ type: fc.constant("answer"), peer, sdp: text }),
  fc.record({ type: fc.constant("candidate"), peer, candidate: text, mid: text }),
  fc.record({ type: fc.constant("pong"), id: fc.oneof(fc.integer(), fc.constantFrom(0, 65_535, 65_536)) }),
  fc.record({ type: fc.constant("notification"), program: title, title, body: text }),
  fc.record({
    type: fc.constant("doctorBegun"),
    checks: fc.array(fc.record({ name: text, group: doctorGroup, title: text }), { maxLength: 65 }),
  }),
  fc.record(
    {
      type: fc.constant("doctorRow"),
      name: text,
      group: doctorGroup,
      title: text,
      verdict: fc.constantFrom("pass", "warn", "fail", "skip", "maybe"),
      seen: text,
      means: text,
      fix: text,
      details: fc.array(text, { maxLength: 65 }),
      figures: fc.array(fc.record({ name: text, value: fc.oneof(fc.double(), fc.integer(), wild) }), { maxLength: 17 }),
      tookMs: measure,
    },
    { requiredKeys: ["type", "name", "group", "title", "verdict", "seen", "means", "details", "figures", "tookMs"] },
  ),
  fc.record({
    type: fc.constant("doctorRow"),
    name: fc.constant("turn"),
    group: doctorGroup,
    title: fc.constant("TURN server"),
    verdict: fc.constantFrom("pass", "maybe"),
    seen: fc.constant(""),
    means: fc.constant(""),
    details: fc.constant([]),
    figures: fc.constant([]),
    tookMs: fc.constantFrom(3, -1),
  }),
  fc.record({ type: fc.constant("doctorEnded"), why: text }, { requiredKeys: ["type"] }),
  fc.record({ type: fc.constant("pen"), pressure: fc.oneof(fc.boolean(), wild), why: text }),
  fc.record(
    {
      type: fc.constant("display"),
      widthPx: side,
      heightPx: side,
      scale: fc.oneof(fc.double(), fc.constantFrom(0.05, 1.25, 2, 64, 64.1, null)),
      scaleBy: fc.constantFrom("viewer", "operator", "desktop", "nobody"),
    },
    { requiredKeys: ["type", "widthPx", "heightPx"] },
  ),
  fc.record({
    type: fc.constant("gamepads"),
    tier: fc.constantFrom("uinput", "interposer", "off", "magic"),
    why: text,
    pads: fc.array(fc.record({ index: fc.integer({ min: -1, max: 8 }), player: fc.integer({ min: 0, max: 9 }) }), {
      maxLength: 9,
    }),
  }),
  fc.record({
    type: fc.constant("encoder"),
    name: text,
    codec,
    chroma: fc.constantFrom("420", "444", "422"),
    why: text,
    fallback: fc.boolean(),
  }),
  fc.record({
    type: fc.constant("encoders"),
    encoders: fc.array(fc.record({ name: text, codec, chroma444: fc.boolean(), usable: fc.boolean(), why: text }), {
      maxLength: 66,
    }),
  }),
  fc.record(
    {
      type: fc.constant("video"),
      encoder: text,
      chroma: fc.constantFrom("auto", "420", "444", "422"),
      preset: fc.constantFrom("balanced", "games", "text", "metered", "none"),
      framesPerSecond: fc.integer({ min: -1, max: 300 }),
      minBps: rate,
      startBps: rate,
      maxBps: rate,
      capBytesPerHour: fc.oneof(fc.integer(), fc.constant(22_500_000)),
    },
    {
      requiredKeys: ["type", "encoder", "chroma", "preset", "framesPerSecond", "minBps", "startBps", "maxBps"],
    },
  ),
  fc.record(
    {
      type: fc.constant("path"),
      path,
      why: text,
      frame: fc.integer({ min: -1, max: 2 ** 33 }),
      rtpTimestamp: fc.integer({ min: -1, max: 2 ** 33 }),
    },
    { requiredKeys: ["type", "path", "why", "frame"] },
  ),
  fc.record({
    type: fc.constant("audio"),
    sound: fc.boolean(),
    why: text,
    channels: fc.constantFrom(2, 6, 8, 7, "2"),
    microphone: fc.constantFrom("off", "on", "refused", "loud"),
    microphoneWhy: text,
  }),
  fc.record({ type: fc.constant("vnc"), ticket: text, viewOnly: fc.boolean() }),
  fc.record({
    type: fc.constant("stats"),
    framesPerSecond: measure,
    bitrateBps: measure,
    targetBps: measure,
    grabMs: measure,
    convertMs: measure,
    encodeMs: measure,
    sendMs: measure,
    retransmittedPackets: measure,
    queueMs: measure,
    lossFraction: measure,
    fecFraction: measure,
    keyframes: measure,
    scale: measure,
    framesPerSecondLimit: measure,
  }),
  fc.record({ type: fc.constant("notice"), level: fc.constantFrom("info", "warning", "error", "fatal"), text }),
  fc.record(
    { type: fc.constant("bye"), reason: fc.constantFrom(...REASON_NAMES, "because"), detail: text },
    { requiredKeys: ["type", "reason"] },
  ),
);

it("agrees with the protocol's own parser on messages of every kind, good and slightly wrong", () => {
  fc.assert(
    fc.property(honest, (message) => agree(JSON.stringify(message))),
    { numRuns: 500 },
  );
});

it("agrees with it when a field is missing, added or of another kind", () => {
  fc.assert(
    fc.property(honest, fc.nat(), wild, fc.boolean(), (message, at, value, add) => {
      const names = Object.keys(message).filter((name) => name !== "type");
      const name = names[at % names.length] ?? "x";
      const { [name as "type"]: _, ...rest } = message as Record<string, unknown>;
      agree(JSON.stringify(rest));
      agree(JSON.stringify({ ...rest, [add ? "extra" : name]: value }));
    }),
    { numRuns: 500 },
  );
});

it("agrees with it on what is no message at all", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), agree));
  for (const frame of ["", "null", "[]", "{}", '{"type":"__proto__"}', '{"type":"constructor"}', '{"type":5}'])
    agree(frame);
});
