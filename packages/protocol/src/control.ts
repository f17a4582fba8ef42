// JSON control messages, one a WebSocket text frame, both ways. TABLE of schemas → types, parsers, docs.
// The order: viewer `hello` → agent `hello` (or `bye`) → `offer` → `answer`, `candidate` both ways → the rest at any time.
// A viewer may send `offer` right behind its `hello`, without waiting. Unknown fields are dropped, unknown types refused.

import { z } from "zod";
import { DOCTOR_GROUPS, DOCTOR_VERDICTS } from "./doctor.ts";
import { ProtocolError } from "./field.ts";
import { CHROMAS, CODECS, FORMATS, PATHS, PRESETS, SOUND_CHANNELS } from "./formats.ts";
import { GAMEPAD_TIERS } from "./gamepads.ts";
import { LIMITS } from "./limits.ts";
import { REASON_NAMES } from "./reasons.ts";
import { SCALE_OWNERS } from "./scale.ts";
import type { ProtocolVersion } from "./version.ts";

const versionSchema = z.object({ major: z.int().min(0).max(0xffff), minor: z.int().min(0).max(0xffff) });
const sidePx = z.int().min(LIMITS.displayMinPx).max(LIMITS.displayMaxPx);
const scale = z.number().min(LIMITS.scaleMin).max(LIMITS.scaleMax).multipleOf(LIMITS.scaleStep);
const scaleTold = z.number().min(LIMITS.scaleToldMin).max(LIMITS.scaleToldMax);
const text = z.string().max(LIMITS.textChars);
const measure = z.number().min(0).max(1e12);
const peer = z.int().min(0).max(0xffff);
const candidate = z.object({ peer, candidate: text, mid: z.string().max(64) });
const description = z.object({ peer, sdp: z.string().min(1).max(LIMITS.sdpChars) });
const framesPerSecond = z.int().min(LIMITS.framesPerSecondMin).max(LIMITS.framesPerSecondMax);
const bitrateBps = z.int().min(LIMITS.bitrateMinBps).max(LIMITS.bitrateMaxBps);
const capBytes = z.int().min(LIMITS.capMinBytes).max(Number.MAX_SAFE_INTEGER);

const iceServers = z
  .array(z.object({ urls: z.array(text).max(8), username: text.optional(), credential: text.optional() }))
  .max(8);
const serial = z.int().min(1).max(0xffff_ffff);
const mime = z.string().min(1).max(LIMITS.mimeChars);
const sizeBytes = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const clipboardTypes = z.array(z.object({ mime, sizeBytes: sizeBytes.optional() })).max(LIMITS.clipboardTypes);
const placePx = z.int().min(0).max(0x7fff);
/** 32 hexadecimal digits. */
const hexId = z.string().regex(/^[\da-f]{32}$/);
const notificationTitle = z.string().max(LIMITS.notificationTitleChars);
const pingId = z.int().min(0).max(0xffff);
const clipboardText = z.string().max(LIMITS.clipboardTextChars);
const padIndex = z
  .int()
  .min(0)
  .max(LIMITS.gamepads - 1);
const formats = z.array(z.enum(FORMATS)).max(FORMATS.length);
const channels = z.literal(SOUND_CHANNELS);
const place = z.int().min(-LIMITS.viewerScreen).max(LIMITS.viewerScreen);
const length = z.int().min(1).max(LIMITS.viewerScreen);
const viewerScreen = z.object({ left: place, top: place, width: length, height: length });
const ticket = z.string().min(1).max(128);
const doctorCheck = { name: z.string().min(1).max(64), group: z.enum(DOCTOR_GROUPS), title: text };
const audio = z.object({ on: z.boolean(), socket: z.boolean(), channels });

export interface ControlDefinition {
  readonly doc: string;
  readonly schema: z.ZodObject;
}

/** Viewer to agent. */
export const VIEWER_CONTROL = {
  hello: {
    doc:
      "The first message. `user` and `password` where the agent asks for them (it also takes HTTP basic auth). `media`: " +
      "what the viewer decodes, by path; an empty list: it does not take that path. Absent: H.264 over WebRTC alone. " +
      "`audio`: as in `audio`; absent: it is sent no sound and told nothing of it. `window`: random; names this window of the viewer's, so " +
      "that it keeps its monitor when it connects again. `screen`: as in `screen`. `monitor`: it is a further window of a viewer that is " +
      "connected: `ticket` of the agent's `monitor` instead of a password, and the size of the monitor that it adds to the desktop.",
    schema: z.object({
      version: versionSchema,
      client: text,
      user: z.string().max(LIMITS.userChars).optional(),
      password: z.string().max(LIMITS.passwordChars).optional(),
      media: z.object({ webrtc: formats, socket: formats }).optional(),
      audio: audio.optional(),
      window: z.string().min(16).max(64).optional(),
      screen: viewerScreen.optional(),
      monitor: z.object({ ticket, widthPx: sidePx, heightPx: sidePx }).optional(),
    }),
  },
  offer: {
    doc:
      "The viewer's SDP offer (it always offers). `peer` counts its peers in this session: an offer with another number " +
      "replaces the peer before it, and what still comes for that one is ignored.",
    schema: description,
  },
  candidate: { doc: "One more ICE candidate of the viewer; an empty one ends them.", schema: candidate },
  display: {
    doc:
      "The size that the viewer wants the desktop to have, in device pixels; where this window has a monitor of its own, that one. And how large " +
      "programs are to draw themselves there (`scale`: its device pixels per CSS pixel, in steps; absent: as it is). Answered by the agent's " +
      "`display`.",
    schema: z.object({ widthPx: sidePx, heightPx: sidePx, scale: scale.optional() }),
  },
  screen: {
    doc:
      "Which of the viewer's screens this window is on: its place among them and its size, in the viewer's own units. Monitors lie to each " +
      "other as these do.",
    schema: viewerScreen,
  },
  monitor: { doc: "Asks for a ticket for a further window. Answered by the agent's `monitor`.", schema: z.object({}) },
  keyframe: {
    doc:
      "The next picture must be whole. `no-picture`: the path stands and there is none; asked again until one is seen. " +
      "`undecodable`: one could not be decoded; said at once, once until a whole one has come.",
    schema: z.object({ why: z.enum(["no-picture", "undecodable"]) }),
  },
  video: {
    doc:
      "How this viewer wants its picture, as a whole: what is absent is the agent's own setting. Takes hold while connected; " +
      "answered by the agent's `video`, and by `encoder` when that changes. `capBytesPerHour`: a data cap.",
    schema: z.object({
      encoder: text.optional(),
      chroma: z.enum(CHROMAS).optional(),
      preset: z.enum(PRESETS).optional(),
      framesPerSecond: framesPerSecond.optional(),
      minBps: bitrateBps.optional(),
      startBps: bitrateBps.optional(),
      maxBps: bitrateBps.optional(),
      capBytesPerHour: capBytes.optional(),
    }),
  },
  audio: {
    doc:
      "How the viewer wants the sound from now on, where its `hello` said so before: `on`: at all; `socket`: also over this WebSocket, " +
      "when the picture does not take WebRTC; `channels`: at most.",
    schema: audio,
  },
  microphone: {
    doc: "The user has turned the microphone on or off; its packets follow, or do not. Answered by the agent's `audio`.",
    schema: z.object({ on: z.boolean() }),
  },
  path: {
    doc: "Which path the user wants; `auto` is the default: the best one that works. `vnc` stops the picture here.",
    schema: z.object({ want: z.enum(["auto", ...PATHS]) }),
  },
  pathLost: {
    doc:
      "The viewer found that a path does not carry the picture. `webrtc`, also where `path` is absent: nothing comes back; picture and " +
      "input go on over this WebSocket until something does. `socket`: what comes there can't be decoded; in this session it is " +
      "taken no more, not even where the user wants it.",
    schema: z.object({ path: z.enum(["webrtc", "socket"]).optional(), why: text }),
  },
  clipboard: {
    doc:
      "The viewer's clipboard holds this, and the desktop's does from now on; no types: nothing. Serials count from 1. Bytes move when a " +
      "program pastes (agent's `clipboardWanted`); `text` is all of text/plain where that is short, and then nothing else moves for it. " +
      "Kinds that clipboard.ts does not list are left out. Keys that paste it follow an input `clipboardBarrier`. `files`: instead of kinds, the files " +
      "that were put at this stage (transfer.ts); before they are `here` nothing can be pasted.",
    schema: z.object({
      serial,
      types: clipboardTypes,
      text: clipboardText.optional(),
      files: z.object({ stage: hexId, here: z.boolean() }).optional(),
    }),
  },
  clipboardRefused: {
    doc: "Answer to the agent's `clipboardWanted`: that content can't be had any more. The paste gets nothing.",
    schema: z.object({ serial, mime, why: text }),
  },
  dropAim: {
    doc:
      "The user dropped files at this place of the desktop; `drop` counts. The program that has it now is the one that gets them when they have " +
      "come (`dropFiles`). To agents whose `files` say `drops`.",
    schema: z.object({ drop: serial, xPx: placePx, yPx: placePx }),
  },
  dropFiles: {
    doc:
      "What was dropped has come to the desktop's folder for files: its uploads' ids, and their names as they were sent; of a folder its name " +
      "alone. They stay there where no program takes them.",
    schema: z.object({
      drop: serial,
      files: z
        .array(z.object({ id: hexId.optional(), names: z.array(z.string().min(1).max(255)).min(1).max(33) }))
        .min(1)
        .max(LIMITS.droppedFiles),
    }),
  },
  notifications: {
    doc: "The viewer wants the agent's `notification` from now on, or no more. To agents whose `hello` says `notifications`.",
    schema: z.object({ on: z.boolean() }),
  },
  ping: {
    doc: "Is this connection still one? Answered by the agent's `pong` at once. After this computer slept, or its network changed. Since version 2.3.",
    schema: z.object({ id: pingId }),
  },
  vnc: { doc: "Asks for a ticket to the RFB path. Answered by the agent's `vnc`.", schema: z.object({}) },
  doctor: {
    doc:
      "The agent is to look at the place where it runs (`run`), and to measure there too (`measure`); or to stop that. `clockMs`: the viewer's clock " +
      "now, since 1970. To agents whose `hello` says `doctor`. Answered by `doctorBegun`, or `doctorEnded` with the reason why not.",
    schema: z.object({ run: z.boolean(), measure: z.boolean(), clockMs: z.int().min(0).max(LIMITS.clockMs) }),
  },
  stats: {
    doc: "What the viewer measured in the last second; for logs and metrics.",
    schema: z.object({
      framesPerSecond: measure,
      bitrateBps: measure,
      roundTripMs: measure,
      jitterBufferMs: measure,
      decodeMs: measure,
      lostPackets: measure,
    }),
  },
  bye: { doc: "The viewer leaves.", schema: z.object({ reason: z.enum(REASON_NAMES), detail: text.optional() }) },
} as const satisfies Record<string, ControlDefinition>;

/** Agent to viewer. */
export const AGENT_CONTROL = {
  hello: {
    doc:
      "The viewer is let in. `paths`: those that the agent offers, the first choice first. `iceServers`: where there are any, the " +
      "viewer makes its peer (anew) with them. `viewOnly`: its input is ignored. `transferTicket`: see transfer.ts. `clipboard`: what " +
      "passes to the desktop (`in`) and from it (`out`), how large it may be, and whether the viewer's becomes PRIMARY too; absent: nothing. " +
      "`files`: which way files go, to the desktop (`up`) and from it (`down`), and the name of the folder there; absent: none. `stages`: the agent " +
      "knows pasted files. `drops`: and files that are dropped onto a program. `monitors`: how many this viewer may give the desktop, this " +
      "window's included; absent: this one alone. `doctor`: the agent takes `doctor`. `notifications`: and " +
      "`notifications`.",
    schema: z.object({
      version: versionSchema,
      agent: text,
      session: z.string().max(64),
      iceServers,
      resize: z.boolean(),
      paths: z.array(z.enum(PATHS)).max(PATHS.length),
      viewOnly: z.boolean(),
      transferTicket: z.string().min(1).max(128).optional(),
      clipboard: z
        .object({
          in: z.boolean(),
          out: z.boolean(),
          inMaxBytes: sizeBytes,
          outMaxBytes: sizeBytes,
          primary: z.boolean(),
        })
        .optional(),
      files: z
        .object({
          up: z.boolean(),
          down: z.boolean(),
          folder: text,
          stages: z.boolean().optional(),
          drops: z.boolean().optional(),
        })
        .optional(),
      monitors: z.int().min(1).max(LIMITS.monitors).optional(),
      doctor: z.boolean().optional(),
      notifications: z.boolean().optional(),
    }),
  },
  iceServers: {
    doc:
      "Instead of those of the `hello`, whose credentials are about to end: for the viewer's next peer. Since version 2.1, and only where " +
      "credentials end.",
    schema: z.object({ iceServers }),
  },
  answer: { doc: "The agent's SDP answer.", schema: description },
  candidate: { doc: "One more ICE candidate of the agent.", schema: candidate },
  display: {
    doc:
      "The desktop's size now, in pixels, or that of this window's own monitor: at start and whenever it changes. It may be smaller than what was " +
      "asked for, in the same shape. `scale`: how large programs draw themselves, and whose wish that is; absent: the agent leaves that alone. " +
      "`monitors`: how many this viewer has, where it has several; positions beyond this one's edges are on the others then.",
    schema: z.object({
      widthPx: sidePx,
      heightPx: sidePx,
      scale: scaleTold.optional(),
      scaleBy: z.enum(SCALE_OWNERS).optional(),
      monitors: z.int().min(1).max(LIMITS.monitors).optional(),
    }),
  },
  monitor: {
    doc: "For one further window, for a minute: what its `hello` shows instead of a password; or `why` there can be none.",
    schema: z.object({ ticket: ticket.optional(), why: text.optional() }),
  },
  encoder: {
    doc: "Which encoder makes the picture, and why this one: at start and whenever it changes.",
    schema: z.object({
      name: text,
      codec: z.enum(CODECS),
      chroma: z.enum(["420", "444"]),
      why: text,
      fallback: z.boolean(),
    }),
  },
  encoders: {
    doc: "Every encoder that this agent knows, the better ones first; where one can't be had, `why`. Sent once, when probed.",
    schema: z.object({
      encoders: z
        .array(z.object({ name: text, codec: z.enum(CODECS), chroma444: z.boolean(), usable: z.boolean(), why: text }))
        .max(64),
    }),
  },
  video: {
    doc: "The settings in force for this viewer, after its own `video` and within what the operator allows.",
    schema: z.object({
      encoder: text,
      chroma: z.enum(CHROMAS),
      preset: z.enum(PRESETS),
      framesPerSecond,
      minBps: bitrateBps,
      startBps: bitrateBps,
      maxBps: bitrateBps,
      capBytesPerHour: capBytes.optional(),
    }),
  },
  audio: {
    doc:
      "Whether there is sound, and why not; at start, to a viewer whose `hello` spoke of it, and whenever it changes. `channels`: of what " +
      "is sent. `microphone`: `on`: this viewer's reaches the desktop; `refused`: it may have none, and `microphoneWhy` says why.",
    schema: z.object({
      sound: z.boolean(),
      why: text,
      channels,
      microphone: z.enum(["off", "on", "refused"]),
      microphoneWhy: text,
    }),
  },
  path: {
    doc:
      "The picture takes this path from the access unit `frame` on (numbered as in the socket's `video`), and why. `rtpTimestamp`: " +
      "of that unit, where it goes over WebRTC, so that the viewer knows it from older ones that come late.",
    schema: z.object({
      path: z.enum(PATHS),
      why: text,
      frame: z.int().min(0).max(0xffff_ffff),
      rtpTimestamp: z.int().min(0).max(0xffff_ffff).optional(),
    }),
  },
  clipboard: {
    doc:
      "The desktop's clipboard holds this now, copied by a program there or by another viewer (`from`); no types: nothing. Bytes are fetched by " +
      "transfer (transfer.ts); `text` is all of text/plain where that is short. `names`: of the files, where it holds any. `copied`: they can be " +
      "fetched, by this name (transfer.ts): so many of them, and so many that can't.",
    schema: z.object({
      serial,
      types: clipboardTypes,
      text: clipboardText.optional(),
      names: z.array(text).max(LIMITS.clipboardNames).optional(),
      from: z.enum(["desktop", "viewer"]),
      copied: z
        .object({
          id: z.string().min(1).max(64),
          count: z.int().min(0).max(LIMITS.filesListed),
          refused: z.int().min(0),
        })
        .optional(),
    }),
  },
  clipboardWanted: {
    doc: "A program pastes what this viewer offered: it is to send the bytes of this kind by transfer, or `clipboardRefused`.",
    schema: z.object({ serial, mime }),
  },
  grabs: {
    doc:
      "Whether a program of the desktop has grabbed the pointer or the keyboard, as games do, or hides the pointer and sets it back all " +
      "the time, which counts as `pointer`: while one is, keys are best sent by their " +
      "place, and while the pointer is hidden too, it is best locked. Nothing is, until the agent says so.",
    schema: z.object({ pointer: z.boolean(), keyboard: z.boolean() }),
  },
  pen: {
    doc:
      "How a viewer's pen reaches the desktop's programs, and why so; at start, to viewers that have hands, which may send input `pen` from then " +
      "on. `pressure`: with its pressure and tilt; otherwise as a mouse.",
    schema: z.object({ pressure: z.boolean(), why: text }),
  },
  vnc: {
    doc: "A ticket for one WebSocket at `vnc` below the agent's URL, for a minute; see channels.ts.",
    schema: z.object({ ticket: z.string().min(1).max(128), viewOnly: z.boolean() }),
  },
  gamepads: {
    doc:
      "How this viewer's gamepads reach the desktop's programs, and why so; at start and whenever it changes, to viewers that may use " +
      "them. `pads`: those that are plugged in there, by the viewer's own number, and as which player. One that is missing found no place.",
    schema: z.object({
      tier: z.enum(GAMEPAD_TIERS),
      why: text,
      pads: z.array(z.object({ index: padIndex, player: z.int().min(1).max(LIMITS.gamepads) })).max(LIMITS.gamepads),
    }),
  },
  notification: {
    doc:
      "A program of the desktop notifies its user of something: what it calls itself, title and text, without markup; to viewers that asked for it by " +
      "`notifications`.",
    schema: z.object({
      program: notificationTitle,
      title: notificationTitle,
      body: z.string().max(LIMITS.notificationBodyChars),
    }),
  },
  pong: { doc: "Answer to the viewer's `ping`.", schema: z.object({ id: pingId }) },
  doctorBegun: {
    doc: "The agent looks at these, in the order of its table; a `doctorRow` for each follows, as they end.",
    schema: z.object({ checks: z.array(z.object(doctorCheck)).max(LIMITS.doctorChecks) }),
  },
  doctorRow: {
    doc: "What came of one of them; see doctor.ts. `figures`: what was measured, by name, with the unit in it.",
    schema: z.object({
      ...doctorCheck,
      verdict: z.enum(DOCTOR_VERDICTS),
      seen: text,
      means: text,
      fix: text.optional(),
      details: z.array(text).max(LIMITS.doctorDetails),
      figures: z.array(z.object({ name: z.string().max(64), value: z.number().min(-1e15).max(1e15) })).max(16),
      tookMs: measure,
    }),
  },
  doctorEnded: {
    doc: "All rows have come; or `why` there are no more, or none at all.",
    schema: z.object({ why: text.optional() }),
  },
  stats: {
    doc: "What the agent measured in the last second: medians of a frame's way through it, and the controller's state.",
    schema: z.object({
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
  },
  notice: {
    doc: "A sentence for the user that ends nothing.",
    schema: z.object({ level: z.enum(["info", "warning", "error"]), text }),
  },
  bye: {
    doc: "The agent ends the session; see reasons.ts.",
    schema: z.object({ reason: z.enum(REASON_NAMES), detail: text.optional() }),
  },
} as const satisfies Record<string, ControlDefinition>;

export type ControlTable = Record<string, ControlDefinition>;

/** Zod infers a record of nothing for a message without fields, which would leave no room for `type`. */
type Fields<Schema extends z.ZodObject> = string extends keyof z.infer<Schema> ? unknown : z.infer<Schema>;

export type ControlMessage<T extends ControlTable> = {
  [Name in keyof T & string]: { type: Name } & Fields<T[Name]["schema"]>;
}[keyof T & string];

export type ViewerControl = ControlMessage<typeof VIEWER_CONTROL>;
export type AgentControl = ControlMessage<typeof AGENT_CONTROL>;

function parseObject(frame: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(frame);
  } catch (error) {
    throw new ProtocolError("control message is not JSON", { cause: error });
  }
  if (typeof json !== "object" || json === null) throw new ProtocolError("control message is not an object");
  return json as Record<string, unknown>;
}

/** Parses one text frame. Throws ProtocolError, and nothing else, for text that is no message of the table. */
function parse<T extends ControlTable>(table: T, frame: string): ControlMessage<T> {
  const { type, ...rest } = parseObject(frame);
  if (typeof type !== "string" || !Object.hasOwn(table, type)) throw new ProtocolError("unknown control message");
  const result = table[type]?.schema.safeParse(rest);
  if (!result?.success) {
    const issue = result?.error.issues[0];
    throw new ProtocolError(`${type}: ${issue === undefined ? "refused" : `${issue.path.join(".")} ${issue.message}`}`);
  }
  return { type, ...result.data } as ControlMessage<T>;
}

export const parseViewerControl = (frame: string): ViewerControl => parse(VIEWER_CONTROL, frame);
export const parseAgentControl = (frame: string): AgentControl => parse(AGENT_CONTROL, frame);

/**
 * The version in a `hello` whose other fields may be those of another major: compare it before parsing the rest.
 * Throws ProtocolError when the frame is no `hello` of any version.
 */
export function helloVersion(frame: string): ProtocolVersion {
  const { type, version } = parseObject(frame);
  const result = versionSchema.safeParse(version);
  if (type !== "hello" || !result.success) throw new ProtocolError("not a hello");
  return result.data;
}
