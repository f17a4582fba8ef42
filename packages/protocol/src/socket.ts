// Media and input over the control WebSocket, binary: TABLES of both directions. One frame of the WebSocket is one message.
// Written by the agent's `transport/socket.ts` and the client's `connection/socket-channels.ts`, each read by the other.

import { createCodec, type Message } from "./codec.ts";
import { bytes, flag, u16, u32, u8 } from "./field.ts";
import { LIMITS } from "./limits.ts";

/** Agent to viewer. */
export const SOCKET_MEDIA = {
  video: {
    type: 0xc0,
    doc:
      "A coded picture, or the next run of its slices: a decoder takes the parts of one `frame` together. Frames are numbered " +
      "over all paths of a session; one that is missing here went another way or was dropped at a border that is decodable.",
    fields: {
      frame: u32("counts the session's access units, from 1"),
      sentMs: u32("the agent's clock when the part was handed to the socket, ms modulo 2^32; `ack` returns it"),
      codec: u8("index in CODECS of control.ts", 0, 4),
      chroma444: flag("true: 4:4:4"),
      keyframe: flag("true: decodable without any before it"),
      first: flag("true: begins its picture"),
      last: flag("true: ends its picture"),
      widthPx: u16("coded width", 1, LIMITS.displayMaxPx),
      heightPx: u16("coded height", 1, LIMITS.displayMaxPx),
      data: bytes(
        "H.264, H.265: Annex B, parameter sets in front of a keyframe; others: the bare frame",
        LIMITS.socketMediaBytes,
      ),
    },
  },
  audio: {
    type: 0xc1,
    doc:
      "10 ms of sound: an Opus packet (RFC 6716), of more than two channels as RFC 7845 section 5.1.1.2 maps them. None is sent " +
      "while all is silent.",
    fields: {
      sequence: u16("counts packets, wrapping"),
      timestamp: u32("48 kHz clock of its first sample; it counts on through silence"),
      channels: u8("2, 6 or 8", 2, 8),
      data: bytes("the packet", LIMITS.soundBytes),
    },
  },
  feedback: {
    type: 0xc2,
    doc: "A message of the feedback channel.",
    fields: { message: bytes("as in feedback.ts", LIMITS.feedbackBytes) },
  },
} as const;

/** Viewer to agent. */
export const SOCKET_VIEWER = {
  input: {
    type: 0x40,
    doc: "A message of the input channel.",
    fields: { message: bytes("as in input.ts", LIMITS.inputBytes) },
  },
  motion: {
    type: 0x41,
    doc: "A message of the motion channel.",
    fields: { message: bytes("as in input.ts", LIMITS.inputBytes) },
  },
  ack: {
    type: 0x42,
    doc: "A part of a picture has arrived: what lies between is in flight. Sent at once for each `video`.",
    fields: {
      frame: u32("of the part"),
      sentMs: u32("of the part"),
      receivedBytes: u32("data bytes of all `video` of this session that have arrived, modulo 2^32"),
      queuedFrames: u8("pictures that wait for the viewer's decoder"),
    },
  },
  microphone: {
    type: 0x43,
    doc: "A piece of the viewer's microphone: an Opus packet (RFC 6716). Not before the agent's `audio` has allowed it.",
    fields: {
      sequence: u16("counts packets, wrapping: what is missing is concealed"),
      data: bytes("the packet", LIMITS.microphoneBytes),
    },
  },
} as const;

export type SocketMedia = Message<typeof SOCKET_MEDIA>;
export type SocketViewer = Message<typeof SOCKET_VIEWER>;

/** Bytes around the largest open field of either table. */
const HEAD_BYTES = 64;

export const socketMediaCodec = createCodec(SOCKET_MEDIA, LIMITS.socketMediaBytes + HEAD_BYTES);
export const socketViewerCodec = createCodec(SOCKET_VIEWER, LIMITS.socketInputBytes);
