// What passes between the native screen and its X server: a proxy holds bytes back and joins them as chance does.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createConnection, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { createLog } from "../log.ts";
import { startXvnc } from "../testing/xvnc.ts";
import { createVideoPipeline } from "./pipeline.ts";
import { Painter } from "./testing/painter.ts";
import { Recorder } from "./testing/recorder.ts";
import type { VideoPipeline } from "./types.ts";

/** The display that the pipeline sees, and the real one behind it: of this run alone, and above what a server takes by itself. */
const SEEN = 10_000 + 2 * (process.pid % 20_000);
const BEHIND = SEEN + 1;
/** Core protocol, section 11: ConfigureNotify, an event of 32 bytes. */
const CONFIGURE_NOTIFY = 22;
const EVENT_BYTES = 32;

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const end of ends.splice(0).reverse()) await end();
});

function listen(display: number, onClient: (client: Socket) => void): Promise<void> {
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.on("error", () => client.destroy());
    onClient(client);
  });
  ends.push(() => {
    for (const client of clients) client.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  const path = `/tmp/.X11-unix/X${display}`;
  // A run that was killed leaves it.
  rmSync(path, { force: true });
  return new Promise((resolve) => server.listen(path, resolve));
}

function open(display: number): { recorder: Recorder; pipeline: VideoPipeline } {
  const recorder = new Recorder();
  const pipeline = createVideoPipeline(
    {
      display: `:${display}`,
      encoder: "x264enc",
      formats: ["h264"],
      chroma: "420",
      framesPerSecond: 60,
      bitrateBps: 10_000_000,
    },
    recorder,
    createLog("silent"),
  );
  ends.push(() => pipeline.close());
  return { recorder, pipeline };
}

test("damage that comes together with another reply is seen", async () => {
  const server = await startXvnc(`:${BEHIND}`, "640x480");
  ends.push(() => server.close());
  const painter = new Painter(`:${BEHIND}`);
  ends.push(() => painter.close());
  let viewer: Socket | undefined;
  let upstream: Socket | undefined;
  let onRequest: ((request: Buffer) => void) | undefined;
  let onEvent: (() => void) | undefined;
  let sequence = 0;
  await listen(SEEN, (client) => {
    viewer = client;
    const real = createConnection(`/tmp/.X11-unix/X${BEHIND}`);
    upstream = real;
    ends.push(async () => real.destroy());
    client.on("data", (request) => (onRequest === undefined ? real.write(request) : onRequest(request)));
    real.on("data", (data) => {
      if (data.length >= EVENT_BYTES) sequence = data.readUInt16LE(data.length - EVENT_BYTES + 2);
      client.write(data);
      onEvent?.();
    });
  });
  const { recorder } = open(SEEN);
  await recorder.unit((unit) => unit.keyframe);
  await recorder.silence();

  // Something of the window tree changed: the screen's size is asked for. Before the answer there is damage.
  const asked = new Promise<Buffer>((resolve) => (onRequest = resolve));
  const change = Buffer.alloc(EVENT_BYTES);
  change.writeUInt8(CONFIGURE_NOTIFY);
  change.writeUInt16LE(sequence, 2);
  viewer?.write(change);
  const request = await asked;
  const before = recorder.units.length;
  const damaged = new Promise<void>((resolve) => (onEvent = resolve));
  await painter.paint("fill 100 100 64 64 ff0000");
  await damaged;
  onRequest = undefined;
  upstream?.write(request);
  await recorder.until(() => recorder.units.length > before, 3000);
  expect(recorder.cards).toEqual([]);
});

test("a server that takes a connection and says nothing does not keep a pipeline from closing", async () => {
  const greeted = new Promise<void>((resolve) => {
    void listen(SEEN, (client) => client.once("data", () => resolve()));
  });
  const { pipeline } = open(SEEN);
  await greeted;
  await pipeline.close();
});

test("a server that lets in only who shows its cookie is captured", async () => {
  const directory = mkdtempSync(join(tmpdir(), "eglantine-access-"));
  ends.push(async () => rmSync(directory, { recursive: true }));
  const file = join(directory, "Xauthority");
  execFileSync("xauth", ["-q", "-f", file, "add", `:${BEHIND}`, ".", "00112233445566778899aabbccddeeff"]);
  const server = await startXvnc(`:${BEHIND}`, "640x480", ["-auth", file]);
  ends.push(() => server.close());
  vi.stubEnv("XAUTHORITY", "/nonexistent");
  const refused = open(BEHIND);
  await refused.recorder.until(() => refused.recorder.cards.length > 0);
  vi.stubEnv("XAUTHORITY", file);
  await refused.recorder.until(() => refused.recorder.sizes.at(-1) === "640x480");
});
