// Story: somebody who was let in lies about the packets that he got, sends what is none, stops reading, or speaks nonsense to noVNC.
// He is passed over or closed, with a counted reason, and the viewer who was there before notices nothing.
// What is thrown at the doors: hostile.test.ts.

import { LIMITS } from "@eglantine/protocol/limits";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ControlClient } from "../../apps/agent/src/testing/agent-process.ts";
import { RfbClient } from "../../apps/agent/src/testing/rfb-client.ts";
import { SocketViewer } from "../../apps/agent/src/testing/socket-viewer.ts";
import { RtpViewer } from "../../apps/agent/src/transport/testing/rtp-viewer.ts";
import { Painter } from "../../apps/agent/src/video/testing/painter.ts";
import { until } from "../harness/until.ts";
import { Bystander, type HealthCounts } from "./bystander.ts";

let bystander: Bystander;
const open: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  bystander = await Bystander.watch({ rfb: true });
});
afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.close();
  await bystander.unharmed();
});
afterAll(() => bystander?.close());

async function visit(): Promise<RtpViewer> {
  const viewer = new RtpViewer(bystander.desktop.url);
  open.push(viewer);
  return viewer.connect();
}

const words = (...values: number[]) => values.flatMap((value) => [(value >> 8) & 0xff, value & 0xff]);
const ssrcOf = (viewer: RtpViewer) => words(viewer.ssrc >>> 16, viewer.ssrc & 0xffff);
const rtcp = (format: number, type: number, body: readonly number[]) =>
  Uint8Array.from([0x80 | format, type, ...words((4 + body.length) / 4 - 1), ...body]);
const pli = (viewer: RtpViewer) => rtcp(1, 206, [0, 0, 0, 1, ...ssrcOf(viewer)]);
const fir = (viewer: RtpViewer, turn: number) =>
  rtcp(4, 206, [0, 0, 0, 1, 0, 0, 0, 0, ...ssrcOf(viewer), turn & 0xff, 0, 0, 0]);
/** Transport feedback: these packets arrived, with these gaps in units of 250 µs. */
function acknowledges(viewer: RtpViewer, base: number, gaps: readonly number[], reference = 1): Uint8Array {
  const count = gaps.length;
  const body = [0, 0, 0, 1, ...ssrcOf(viewer), ...words(base, count), reference >> 16, ...words(reference & 0xffff), 0];
  const told = [...body, ...words(0x4000 | count), ...words(...gaps)];
  while (told.length % 4 !== 0) told.push(0);
  return rtcp(15, 205, told);
}

/** Sends it often, a little at a time, until the reason is counted `times` more. */
async function throwUntil(
  viewer: RtpViewer,
  datagram: (turn: number) => Uint8Array,
  reason: string,
  times: number,
): Promise<void> {
  const before = await bystander.counts();
  let turn = 0;
  await until(`${reason} ${times} times`, async () => {
    for (let count = 0; count < 10; count += 1) viewer.throwRtcp(datagram(turn++));
    return ((await bystander.counts()).ignored[reason] ?? 0) - (before.ignored[reason] ?? 0) >= times;
  });
}

test("RTCP that is cut or damaged is passed over and counted, a hundred times; then its session ends", async () => {
  const viewer = await visit();
  const before = await bystander.counts();
  const damaged = [
    pli(viewer).subarray(0, 10),
    rtcp(15, 205, [0, 0, 0, 1, ...ssrcOf(viewer), ...words(0, 0), 0, 0, 0, 0]),
    rtcp(1, 205, [0, 0, 0, 1, ...ssrcOf(viewer)]),
    rtcp(4, 206, [0, 0, 0, 1, ...ssrcOf(viewer)]),
    rtcp(31, 201, [0, 0, 0, 1, ...ssrcOf(viewer)]),
  ];
  await until("the end", async () => {
    for (const datagram of damaged) viewer.throwRtcp(datagram);
    return viewer.messages.some(({ type }) => type === "bye");
  });
  expect(await viewer.message("bye")).toMatchObject({ reason: "protocol-error" });
  await bystander.counted("ended", "protocol-error", before);
  expect(await ignoredSince(before, "malformed-rtcp")).toBeGreaterThan(100);
});

async function ignoredSince(before: HealthCounts, reason: string): Promise<number> {
  return ((await bystander.counts()).ignored[reason] ?? 0) - (before.ignored[reason] ?? 0);
}

test.each([
  [
    "packets that were never sent",
    (viewer: RtpViewer) => acknowledges(viewer, (viewer.transportSequence ?? 0) + 30_000, [4, 4]),
  ],
  [
    "packets that have yet to be sent",
    (viewer: RtpViewer) => acknowledges(viewer, viewer.transportSequence ?? 0, [4, 4, 4, 4, 4, 4, 4, 4]),
  ],
  ["streams that never were", () => rtcp(1, 205, [0, 0, 0, 1, 0xde, 0xad, 0xbe, 0xef, 0, 0, 0xff, 0xff])],
])("feedback for %s is ignored and counted, and the picture goes on", async (_what, datagram) => {
  const viewer = await visit();
  await throwUntil(viewer, () => datagram(viewer), "stray-feedback", 50);
  const before = viewer.packets;
  await bystander.seesChange();
  await viewer.until(() => viewer.packets > before);
  expect(viewer.messages.some(({ type }) => type === "bye")).toBe(false);
});

test("arrival times from all over the week are ignored and counted, and the picture goes on", async () => {
  const viewer = await visit();
  // Each message tells of the last packet, so that a fresh one is needed for each.
  const before = await bystander.counts();
  let turn = 0;
  await until("absurd times are counted", async () => {
    await bystander.seesChange();
    const last = viewer.transportSequence ?? 0;
    viewer.throwRtcp(acknowledges(viewer, last, [turn % 2 === 0 ? 32_000 : -32_000], (turn % 3) * 0x2a_aaaa));
    turn += 1;
    return (await ignoredSince(before, "stray-feedback")) >= 3;
  });
  const packets = viewer.packets;
  await bystander.seesChange();
  await viewer.until(() => viewer.packets > packets);
  expect(viewer.messages.some(({ type }) => type === "bye")).toBe(false);
});

test("who asks for a whole picture all the time gets four a second, and everybody else his own", async () => {
  const viewer = await visit();
  const from = { idrPictures: viewer.idrPictures, atMs: performance.now(), counts: await bystander.counts() };
  let turn = 0;
  await until(
    "three seconds of it",
    async () => {
      for (let count = 0; count < 6; count += 1) viewer.throwRtcp(count % 2 === 0 ? pli(viewer) : fir(viewer, turn++));
      if (turn % 60 === 0) await bystander.seesChange();
      return performance.now() - from.atMs >= 3000;
    },
    { everyMs: 5 },
  );
  const seconds = (performance.now() - from.atMs) / 1000;
  const idrPictures = viewer.idrPictures - from.idrPictures;
  expect(idrPictures).toBeGreaterThan(4);
  expect(idrPictures).toBeLessThan(4 * seconds + 10);
  expect(await ignoredSince(from.counts, "keyframe-request")).toBeGreaterThan(idrPictures);
});

test("RTCP without end is too much, and ends with that reason", async () => {
  const viewer = await visit();
  const before = await bystander.counts();
  const datagram = pli(viewer);
  await until("the end", async () => {
    for (let count = 0; count < 3000; count += 1) viewer.throwRtcp(datagram);
    return viewer.messages.some(({ type }) => type === "bye");
  });
  expect(await viewer.message("bye")).toMatchObject({ reason: "rate-limited" });
  await bystander.counted("ended", "rate-limited", before);
});

test("a WebSocket that stops reading gets its window and no more; when it reads again, the picture goes on", async () => {
  const painter = new Painter(bystander.desktop.display);
  open.push(painter);
  const viewer = new SocketViewer(bystander.desktop.url);
  open.push(viewer);
  await viewer.opened();
  viewer.hello();
  await viewer.until(() => viewer.parts.some(({ last }) => last));
  await viewer.silence();
  const before = viewer.receivedBytes;
  viewer.socket.pause();
  for (let seed = 1; seed <= 60; seed += 1) {
    await painter.paint(`text ${seed}`);
    await bystander.seesChange();
  }
  viewer.socket.resume();
  // What was on its way, and then the desktop as it is now.
  await viewer.silence();
  expect(viewer.receivedBytes - before).toBeLessThan(1_200_000);
  const parts = viewer.parts.length;
  await bystander.seesChange();
  await viewer.until(() => viewer.parts.length > parts);
});

test("an acknowledgement of what was never sent over the WebSocket ends that session", async () => {
  const viewer = new SocketViewer(bystander.desktop.url);
  open.push(viewer);
  const before = await bystander.counts();
  await viewer.opened();
  viewer.hello();
  await viewer.until(() => viewer.parts.length > 0);
  viewer.ack(viewer.receivedBytes + 50_000_000);
  expect(await viewer.message("bye")).toMatchObject({ reason: "protocol-error" });
  await bystander.counted("ended", "protocol-error", before);
});

test.each([
  ["garbage for a handshake", "version", false, Buffer.alloc(64, 0x41)],
  ["an unknown message", "unknown-message", true, Buffer.from([99, 1, 2, 3])],
  ["two gigabytes of clipboard", "too-long", true, Buffer.from([6, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff])],
  ["a frame that is too long", "frame-too-long", false, Buffer.alloc(1024 * 1024)],
] as const)("over noVNC %s is closed as %s", async (_what, reason, greeted, bytes) => {
  const control = new ControlClient(bystander.desktop.url);
  open.push(control);
  await control.opened();
  control.hello();
  control.send({ type: "vnc" });
  const rfb = new RfbClient(bystander.desktop.url, (await control.message("vnc")).ticket);
  open.push(rfb);
  const before = await bystander.counts();
  // The X server speaks first.
  if (greeted) await rfb.handshake();
  else await rfb.take(12);
  rfb.socket.send(bytes);
  await rfb.closed;
  await bystander.counted("vnc", reason, before);
  expect(control.socket.readyState).toBe(control.socket.OPEN);
});

test("a ticket that is a guess is refused and counted", async () => {
  const before = await bystander.counts();
  const rfb = new RfbClient(bystander.desktop.url, "A".repeat(LIMITS.textChars));
  open.push(rfb);
  expect((await rfb.closed).code).toBe(1008);
  await bystander.counted("vnc", "ticket", before);
});
