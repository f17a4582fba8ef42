// The Worker behind the socket path: binary frames in, pictures on the canvas out. The page's main thread only hands the bytes
// on, so that neither it nor the pictures wait for the other. From `video/socket-picture.ts`; parts: `assemble.ts`, `decoder.ts`,
// `painter.ts`.

import { socketMediaCodec } from "@eglantine/protocol/socket";
import { Assembler, Gate } from "./assemble.ts";
import { PictureDecoder } from "./decoder.ts";
import type { FromDecoder, ToDecoder } from "./messages.ts";
import { Painter } from "./painter.ts";

declare const self: DedicatedWorkerGlobalScope;

const totals = { finished: 0, decoded: 0, decodeMs: 0, decoder: "" };
const assembler = new Assembler();
const gate = new Gate();
let painter: Painter | undefined;

const decoder = new PictureDecoder({
  onFrame: (frame, arrivedMs) => {
    totals.finished += 1;
    totals.decoded += 1;
    totals.decodeMs += epochMs() - arrivedMs;
    totals.decoder = decoder.name;
    if (painter === undefined) frame.close();
    else painter.show(frame, arrivedMs);
  },
  onFailed: (why, useless) => {
    totals.finished = taken;
    if (useless) tell({ type: "useless", why });
    if (gate.fail()) tell({ type: "undecodable", why, totals });
  },
});
/** Whole pictures that came. */
let taken = 0;

const epochMs = (): number => performance.timeOrigin + performance.now();

function tell(message: FromDecoder): void {
  self.postMessage(message, []);
}

function take(bytes: ArrayBuffer): void {
  const part = socketMediaCodec.decode(new Uint8Array(bytes));
  if (part.type !== "video") return;
  const picture = assembler.take(part, epochMs());
  if (part.last) taken += 1;
  if (picture === undefined) {
    if (part.last) totals.finished += 1;
    return;
  }
  const verdict = gate.judge(picture.keyframe, decoder.queued);
  if (verdict === "restart") totals.finished += decoder.drop();
  if (verdict === "restart" || verdict === "decode") {
    decoder.decode(picture);
    return;
  }
  totals.finished += 1;
  if (verdict === "ask") tell({ type: "undecodable", why: "a picture that needs one that was not decoded", totals });
}

self.addEventListener("message", ({ data }: MessageEvent<ToDecoder>) => {
  if (data instanceof ArrayBuffer) {
    take(data);
  } else if (data.type === "canvas") {
    painter?.drop();
    painter = new Painter(data.canvas, (frame, arrivedMs) => {
      tell({
        type: "shown",
        frame: frame.timestamp,
        widthPx: frame.displayWidth,
        heightPx: frame.displayHeight,
        arrivedMs,
        drawnMs: epochMs(),
        totals,
      });
    });
  } else {
    assembler.reset();
    gate.restart();
    painter?.drop();
    totals.finished += decoder.drop();
  }
});
