// Reads the agent's JSON messages. The protocol's own parser is built on zod, whose 60 KB and start-up time would stand
// between page load and first picture; these shapes say the same in a few lines. `agent-control.test.ts` holds the two
// against each other, message by message. From `control.ts`, to `attempt.ts`.

import type { AgentControl } from "@eglantine/protocol/control";
import { DOCTOR_GROUPS, DOCTOR_VERDICTS } from "@eglantine/protocol/doctor";
import { CODECS, PATHS, SOUND_CHANNELS } from "@eglantine/protocol/formats";
import { GAMEPAD_TIERS } from "@eglantine/protocol/gamepads";
import { ProtocolError } from "@eglantine/protocol/field";
import { LIMITS } from "@eglantine/protocol/limits";
import { REASON_NAMES } from "@eglantine/protocol/reasons";
import { SCALE_OWNERS } from "@eglantine/protocol/scale";

/** Returns what is taken over, or throws ProtocolError. */
type Reader = (value: unknown, path: string) => unknown;

const refuse = (path: string): never => {
  throw new ProtocolError(`${path} is not what it should be`);
};

const text =
  (maxChars: number, minChars = 0): Reader =>
  (value, path) =>
    typeof value === "string" && value.length <= maxChars && value.length >= minChars ? value : refuse(path);

const integer =
  (min: number, max: number): Reader =>
  (value, path) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max ? value : refuse(path);

const measure: Reader = (value, path) =>
  typeof value === "number" && value >= 0 && value <= 1e12 ? value : refuse(path);

const scaleTold: Reader = (value, path) =>
  typeof value === "number" && value >= LIMITS.scaleToldMin && value <= LIMITS.scaleToldMax ? value : refuse(path);

const flag: Reader = (value, path) => (typeof value === "boolean" ? value : refuse(path));

const oneOf =
  (options: readonly (string | number)[]): Reader =>
  (value, path) =>
    options.includes(value as string | number) ? value : refuse(path);

const list =
  (entry: Reader, max: number): Reader =>
  (value, path) =>
    Array.isArray(value) && value.length <= max
      ? value.map((item, index) => entry(item, `${path}[${index}]`))
      : refuse(path);

const optional =
  (reader: Reader): Reader =>
  (value, path) =>
    value === undefined ? undefined : reader(value, path);

const object =
  (shape: Readonly<Record<string, Reader>>): Reader =>
  (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return refuse(path);
    const result: Record<string, unknown> = {};
    for (const [name, reader] of Object.entries(shape)) {
      const field = reader((value as Record<string, unknown>)[name], `${path}.${name}`);
      if (field !== undefined) result[name] = field;
    }
    return result;
  };

const short = text(LIMITS.textChars);
const major = integer(0, 0xffff);
const peer = integer(0, 0xffff);
const bitrateBps = integer(LIMITS.bitrateMinBps, LIMITS.bitrateMaxBps);
const sidePx = integer(LIMITS.displayMinPx, LIMITS.displayMaxPx);

const iceServers = list(object({ urls: list(short, 8), username: optional(short), credential: optional(short) }), 8);
const serial = integer(1, 0xffff_ffff);
const sizeBytes = integer(0, Number.MAX_SAFE_INTEGER);
const mime = text(LIMITS.mimeChars, 1);

const doctorCheck = { name: text(64, 1), group: oneOf(DOCTOR_GROUPS), title: short };
const figure: Reader = (value, path) =>
  typeof value === "number" && value >= -1e15 && value <= 1e15 ? value : refuse(path);

const READERS: Readonly<Record<AgentControl["type"], Reader>> = {
  hello: object({
    version: object({ major, minor: major }),
    agent: short,
    session: text(64),
    iceServers,
    resize: flag,
    paths: list(oneOf(PATHS), PATHS.length),
    viewOnly: flag,
    transferTicket: optional(text(128, 1)),
    clipboard: optional(object({ in: flag, out: flag, inMaxBytes: sizeBytes, outMaxBytes: sizeBytes, primary: flag })),
    files: optional(object({ up: flag, down: flag, folder: short, stages: optional(flag), drops: optional(flag) })),
    monitors: optional(integer(1, LIMITS.monitors)),
    doctor: optional(flag),
    notifications: optional(flag),
  }),
  iceServers: object({ iceServers }),
  answer: object({ peer, sdp: text(LIMITS.sdpChars, 1) }),
  candidate: object({ peer, candidate: short, mid: text(64) }),
  display: object({
    widthPx: sidePx,
    heightPx: sidePx,
    scale: optional(scaleTold),
    scaleBy: optional(oneOf(SCALE_OWNERS)),
    monitors: optional(integer(1, LIMITS.monitors)),
  }),
  monitor: object({ ticket: optional(text(128, 1)), why: optional(short) }),
  encoder: object({
    name: short,
    codec: oneOf(CODECS),
    chroma: oneOf(["420", "444"]),
    why: short,
    fallback: flag,
  }),
  encoders: object({
    encoders: list(object({ name: short, codec: oneOf(CODECS), chroma444: flag, usable: flag, why: short }), 64),
  }),
  video: object({
    encoder: short,
    chroma: oneOf(["auto", "420", "444"]),
    preset: oneOf(["balanced", "games", "text", "metered"]),
    framesPerSecond: integer(LIMITS.framesPerSecondMin, LIMITS.framesPerSecondMax),
    minBps: bitrateBps,
    startBps: bitrateBps,
    maxBps: bitrateBps,
    capBytesPerHour: optional(integer(LIMITS.capMinBytes, Number.MAX_SAFE_INTEGER)),
  }),
  audio: object({
    sound: flag,
    why: short,
    channels: oneOf(SOUND_CHANNELS),
    microphone: oneOf(["off", "on", "refused"]),
    microphoneWhy: short,
  }),
  path: object({
    path: oneOf(PATHS),
    why: short,
    frame: integer(0, 0xffff_ffff),
    rtpTimestamp: optional(integer(0, 0xffff_ffff)),
  }),
  clipboard: object({
    serial,
    types: list(object({ mime, sizeBytes: optional(sizeBytes) }), LIMITS.clipboardTypes),
    text: optional(text(LIMITS.clipboardTextChars)),
    names: optional(list(short, LIMITS.clipboardNames)),
    from: oneOf(["desktop", "viewer"]),
    copied: optional(
      object({
        id: text(64, 1),
        count: integer(0, LIMITS.filesListed),
        refused: integer(0, Number.MAX_SAFE_INTEGER),
      }),
    ),
  }),
  clipboardWanted: object({ serial, mime }),
  grabs: object({ pointer: flag, keyboard: flag }),
  pen: object({ pressure: flag, why: short }),
  vnc: object({ ticket: text(128, 1), viewOnly: flag }),
  gamepads: object({
    tier: oneOf(GAMEPAD_TIERS),
    why: short,
    pads: list(
      object({ index: integer(0, LIMITS.gamepads - 1), player: integer(1, LIMITS.gamepads) }),
      LIMITS.gamepads,
    ),
  }),
  notification: object({
    program: text(LIMITS.notificationTitleChars),
    title: text(LIMITS.notificationTitleChars),
    body: text(LIMITS.notificationBodyChars),
  }),
  pong: object({ id: integer(0, 0xffff) }),
  doctorBegun: object({ checks: list(object(doctorCheck), LIMITS.doctorChecks) }),
  doctorRow: object({
    ...doctorCheck,
    verdict: oneOf(DOCTOR_VERDICTS),
    seen: short,
    means: short,
    fix: optional(short),
    details: list(short, LIMITS.doctorDetails),
    figures: list(object({ name: text(64), value: figure }), 16),
    tookMs: measure,
  }),
  doctorEnded: object({ why: optional(short) }),
  stats: object({
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
  notice: object({ level: oneOf(["info", "warning", "error"]), text: short }),
  bye: object({ reason: oneOf(REASON_NAMES), detail: optional(short) }),
};

/** Parses one text frame. Throws ProtocolError, and nothing else, for text that is no message of the agent. */
export function parseAgentFrame(frame: string): AgentControl {
  if (frame.length > LIMITS.controlBytes) throw new ProtocolError("control message is too long");
  let json: unknown;
  try {
    json = JSON.parse(frame);
  } catch (error) {
    throw new ProtocolError("control message is not JSON", { cause: error });
  }
  if (typeof json !== "object" || json === null) throw new ProtocolError("control message is not an object");
  const type = (json as Record<string, unknown>)["type"];
  if (typeof type !== "string" || !Object.hasOwn(READERS, type)) throw new ProtocolError("unknown control message");
  const name = type as AgentControl["type"];
  return { type: name, ...(READERS[name](json, name) as object) } as AgentControl;
}
