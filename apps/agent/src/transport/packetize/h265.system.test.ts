// No browser without a hardware decoder takes H.265: ffmpeg's RTP receiver stands in for one.

import { execFileSync, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { H265Packetizer } from "./h265.ts";

const FRAMES = 120;
/** The last ones wait in ffmpeg for what never follows. */
const RECEIVED = 100;
const DELIMITER = Buffer.from([0, 0, 0, 1, 0x46]);
const directory = mkdtempSync(join(tmpdir(), "eglantine-h265-"));
const at = (name: string) => join(directory, name);

afterAll(() => rmSync(directory, { recursive: true }));

const ffmpeg = (...parameters: string[]) => execFileSync("ffmpeg", ["-v", "error", "-y", ...parameters]);
const sums = (name: string) =>
  readFileSync(at(name), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(",").at(-1)?.trim())
    .slice(0, RECEIVED);

/** True as soon as somebody listens on it. */
async function isTaken(port: number): Promise<boolean> {
  const socket = createSocket("udp4");
  const outcome = await new Promise<boolean>((resolve) => {
    socket.once("listening", () => resolve(false));
    socket.once("error", () => resolve(true));
    socket.bind(port, "127.0.0.1");
  });
  if (!outcome) socket.close();
  return outcome;
}

test("ffmpeg's receiver gets the very pictures that were coded, parameter sets and fragments", async () => {
  const x265 = ["-preset", "ultrafast", "-tune", "zerolatency", "-x265-params", "aud=1:log-level=error:keyint=999"];
  const source = ["-f", "lavfi", "-i", "testsrc2=s=640x360:r=30", "-frames:v", String(FRAMES)];
  ffmpeg(...source, "-c:v", "libx265", ...x265, "-f", "hevc", at("film.h265"));
  ffmpeg("-i", at("film.h265"), "-f", "framemd5", at("coded"));
  const probe = createSocket("udp4").bind(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  const description = ["v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"];
  writeFileSync(at("sdp"), [...description, `m=video ${port} RTP/AVP 96`, "a=rtpmap:96 H265/90000", ""].join("\n"));
  const input = ["-protocol_whitelist", "file,udp,rtp", "-analyzeduration", "1000000", "-fpsprobesize", "0"];
  const output = ["-frames:v", String(RECEIVED), "-fps_mode", "passthrough", "-f", "framemd5", at("received")];
  const receiver = spawn("ffmpeg", ["-v", "error", "-y", ...input, "-i", at("sdp"), ...output], { stdio: "ignore" });
  const ended = once(receiver, "exit");
  while (!(await isTaken(port))) await new Promise((resolve) => setTimeout(resolve, 20));

  const stream = readFileSync(at("film.h265"));
  const socket = createSocket("udp4");
  const packetizer = new H265Packetizer();
  const bytes = Buffer.alloc(1200);
  let sequence = 0;
  for (let start = stream.indexOf(DELIMITER), frame = 0; start >= 0; frame += 1) {
    const next = stream.indexOf(DELIMITER, start + 1);
    const data = stream.subarray(start, next < 0 ? stream.length : next);
    packetizer.packetize({ data, keyframe: frame === 0, first: true, last: true, widthPx: 640, heightPx: 360 }, 1100, {
      bytes,
      offset: 12,
      commit(size, last) {
        bytes.set([0x80, 96 | (last ? 0x80 : 0)]);
        bytes.writeUInt16BE(sequence, 2);
        bytes.writeUInt32BE(frame * 3000, 4);
        bytes.writeUInt32BE(1, 8);
        sequence += 1;
        socket.send(Buffer.from(bytes.subarray(0, 12 + size)), port, "127.0.0.1");
      },
    });
    start = next;
    await new Promise((resolve) => setTimeout(resolve, 33));
  }
  await ended;
  socket.close();
  expect(sequence).toBeGreaterThan(2 * FRAMES);
  expect(sums("received")).toHaveLength(RECEIVED);
  expect(sums("received")).toEqual(sums("coded"));
});
