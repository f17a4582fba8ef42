// The RFB path as it is: an agent's process, a real Xvnc behind it, and viewers that say what they like.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type AgentProcess, ControlClient, runAgent } from "../testing/agent-process.ts";
import { RfbClient, u16, u32 } from "../testing/rfb-client.ts";
import { XWindow } from "../testing/x-window.ts";
import { startXvnc, type XServer } from "../testing/xvnc.ts";

const FULL = { user: "user", password: "a long secret" };
const VIEW = { user: "user", password: "for the eyes" };
/** Keysym a; Xvnc's keycode of it is 38. */
const KEY = [4, 1, 0, 0, ...u32(0x61)];
const KEY_UP = [4, 0, 0, 0, ...u32(0x61)];
const QEMU_KEY = [255, 0, ...u16(1), ...u32(0x61), ...u32(30)];
const CLICK = [5, 1, ...u16(50), ...u16(60)];
const MOVE = [5, 0, ...u16(70), ...u16(80)];
const CUT = [6, 0, 0, 0, ...u32(4), 0x65, 0x76, 0x69, 0x6c];
const RESIZE = [
  251,
  0,
  ...u16(320),
  ...u16(240),
  1,
  0,
  ...u32(0),
  ...u16(0),
  ...u16(0),
  ...u16(320),
  ...u16(240),
  ...u32(0),
];

let server: XServer;
let directory: string;
let agent: AgentProcess;
let window: XWindow;
const running: { close(): Promise<unknown> }[] = [];
const closing = <T extends { close(): Promise<unknown> }>(part: T): T => {
  running.push(part);
  return part;
};

beforeAll(async () => {
  server = await startXvnc("", "640x480");
  directory = mkdtempSync(join(tmpdir(), "eglantine-vnc-"));
  agent = await serve(server.rfbSocket);
  window = await XWindow.open(server.display);
});
afterEach(async () => {
  for (const part of running.splice(0).reverse()) await part.close();
  window.forget();
});
afterAll(async () => {
  await agent?.close();
  await server?.close();
  rmSync(directory, { recursive: true, force: true });
});

async function serve(rfbSocket: string, env: Readonly<Record<string, string>> = {}): Promise<AgentProcess> {
  const started = await runAgent(["serve", "--display", server.display, "--port", "0"], {
    XDG_RUNTIME_DIR: directory,
    BASIC_AUTH_PASSWORD: FULL.password,
    NOVNC_VIEWPASS: VIEW.password,
    EGLANTINE_RFB_SOCKET: rfbSocket,
    EGLANTINE_LOG_LEVEL: "debug",
    ...env,
  });
  return started;
}

async function enter(credentials = FULL, at = agent): Promise<ControlClient> {
  const control = await closing(new ControlClient(at.url)).opened();
  control.hello(credentials);
  await control.message("hello");
  return control;
}

async function ticketOf(control: ControlClient): Promise<string> {
  const before = control.messages.length;
  control.send({ type: "vnc" });
  await expect.poll(() => control.messages.slice(before).some(({ type }) => type === "vnc")).toBe(true);
  const answer = control.messages.slice(before).find((message) => message.type === "vnc");
  return answer?.type === "vnc" ? answer.ticket : "";
}

const openRfb = (ticket: string, options = {}, at = agent) => closing(new RfbClient(at.url, ticket, options));

async function connect(credentials = FULL) {
  const control = await enter(credentials);
  const rfb = openRfb(await ticketOf(control));
  await rfb.handshake();
  return { control, rfb };
}

/** Everything sent before has been carried out: the X server has answered what was asked behind it. */
const settled = (rfb: RfbClient) => rfb.pixel(0, 0);

test("with the full password a viewer sees the desktop, types and points", async () => {
  const { rfb } = await connect();
  rfb.send(MOVE, CLICK);
  rfb.send(KEY, KEY_UP);
  await window.until("button 1 down at 50,60");
  await window.until("key 38 down");
  expect(await rfb.pixel(3, 4)).toHaveLength(3);
});

test("what it holds when it leaves is let go", async () => {
  const { rfb } = await connect();
  rfb.send(KEY, CLICK);
  await window.until("button 1 down at 50,60");
  await rfb.close();
  await window.until("key 38 up");
  await window.until("button 1 up at 50,60");
});

test("with the view password it sees the desktop, and whatever it sends moves nothing", async () => {
  const { control, rfb } = await connect(VIEW);
  expect(await control.message("hello")).toMatchObject({ viewOnly: true, resize: false });
  // It asks for extended buttons, and the X server never hears of it.
  rfb.send([2, 0, ...u16(2), 0, 0, 0, 0, 0xff, 0xff, 0xfe, 0xc4]);
  rfb.send(KEY, KEY_UP, CLICK, QEMU_KEY, CUT, RESIZE, MOVE, [5, 0x81, ...u16(9), ...u16(9), 1]);
  expect(await settled(rfb)).toHaveLength(3);
  const { rfb: master } = await connect();
  await settled(master);
  master.send(KEY_UP, [5, 0, ...u16(1), ...u16(2)]);
  await window.until("at 1,2");
  expect(window.seen.filter((what) => what !== "at 1,2")).toEqual([]);
  const again = openRfb(await ticketOf(control));
  expect(await again.handshake()).toEqual({ widthPx: 640, heightPx: 480 });
});

test("what is copied on the desktop reaches those who may touch it, and no watcher", async () => {
  const { rfb: master } = await connect();
  const { rfb: watcher } = await connect(VIEW);
  await settled(master);
  await settled(watcher);
  const secret = "correct horse battery staple";
  const holder = spawn("xclip", ["-display", server.display, "-selection", "clipboard", "-i"], { stdio: "pipe" });
  try {
    holder.stdin.end(secret);
    const head = await master.take(8);
    expect([head[0], head.readUInt32BE(4)]).toEqual([3, secret.length]);
    expect((await master.take(secret.length)).toString()).toBe(secret);
    // The next that it gets is the picture that it asks for.
    expect(await settled(watcher)).toHaveLength(3);
    expect(watcher.waiting).toBe(0);
  } finally {
    holder.kill();
  }
});

test("a ticket is good once, and another's is as good as none", async () => {
  const control = await enter();
  const ticket = await ticketOf(control);
  const first = openRfb(ticket);
  await first.handshake();
  const wrong = [ticket, "", "guess", "A".repeat(43), ticket.slice(1)];
  for (const one of wrong) {
    const { code, reason } = await openRfb(one).closed;
    expect({ code, reason }).toEqual({ code: 1008, reason: expect.stringContaining("ticket") });
  }
  expect(await settled(first)).toHaveLength(3);
});

test("a session's ticket is worth nothing once the session is gone", async () => {
  const control = await enter();
  const ticket = await ticketOf(control);
  await control.close();
  await expect.poll(() => agent.stderr).toContain("viewer gone");
  expect((await openRfb(ticket).closed).reason).toContain("ticket");
});

test("the picture ends with the control connection", async () => {
  const { control, rfb } = await connect();
  await control.close();
  expect((await rfb.closed).reason).toBe("The session is over.");
});

test("a second connection of the same session takes the first one's place", async () => {
  const { control, rfb } = await connect();
  const second = openRfb(await ticketOf(control));
  await second.handshake();
  expect((await rfb.closed).code).toBe(1000);
  expect(await settled(second)).toHaveLength(3);
});

test("a page of another origin is refused, ticket or not", async () => {
  const control = await enter();
  const rfb = openRfb(await ticketOf(control), { origin: "https://elsewhere.example" });
  expect((await rfb.closed).reason).toContain("address");
});

test("without the subprotocol there is no upgrade", async () => {
  const rfb = openRfb("", { protocols: [] });
  expect((await rfb.closed).code).toBe(1006);
});

test.each([
  ["no RFB", (rfb: RfbClient) => rfb.send(Array.from({ length: 64 }, () => 0x41)), "does not speak RFB 3.8"],
  ["an unknown message", (rfb: RfbClient) => void rfb.handshake().then(() => rfb.send([99, 1, 2])), "not known"],
  [
    "a clipboard of two gigabytes",
    (rfb: RfbClient) => void rfb.handshake().then(() => rfb.send([6, 0, 0, 0, ...u32(0x7fffffff)])),
    "too long",
  ],
  ["a frame of a megabyte", (rfb: RfbClient) => rfb.socket.send(Buffer.alloc(1024 * 1024)), ""],
])("a viewer that sends %s is closed with a counted reason, and another one sees on", async (_what, act, sentence) => {
  const { rfb: other } = await connect();
  const control = await enter();
  const rfb = openRfb(await ticketOf(control));
  if (rfb.socket.readyState !== rfb.socket.OPEN) await new Promise((resolve) => rfb.socket.once("open", resolve));
  const before = agent.stderr.length;
  act(rfb);
  const { code, reason } = await rfb.closed;
  expect(code).toBeGreaterThan(1000);
  expect(reason).toContain(sentence);
  await expect.poll(() => agent.stderr.slice(before)).toMatch(/"reason":"[a-z-]+","count":\d+.*"noVNC closed"/);
  expect(await settled(other)).toHaveLength(3);
  expect(control.socket.readyState).toBe(control.socket.OPEN);
});

test("where the X server's socket is not there, the reason says so", async () => {
  const lost = closing(await serve(join(directory, "nothing")));
  const control = await enter(FULL, lost);
  const rfb = openRfb(await ticketOf(control), {}, lost);
  expect(await rfb.closed).toEqual({ code: 1013, reason: "The X server's RFB socket can't be opened. (ENOENT)" });
});

test("NOVNC_ENABLE makes it the first choice, and without a socket it is no choice", async () => {
  const first = closing(await serve(server.rfbSocket, { NOVNC_ENABLE: "true" }));
  expect((await (await enter(FULL, first)).message("hello")).paths).toEqual(["vnc", "webrtc", "socket"]);
  const none = closing(await serve("", { NOVNC_ENABLE: "true" }));
  expect((await (await enter(FULL, none)).message("hello")).paths).toEqual(["webrtc", "socket"]);
  expect(none.stderr).toContain("noVNC can't be had");
});

test("a view password that is the full one ends with code 2 and a sentence", async () => {
  const same = closing(await serve(server.rfbSocket, { NOVNC_VIEWPASS: FULL.password }));
  expect(await same.exitCode).toBe(2);
  expect(same.stderr).toContain("NOVNC_VIEWPASS: is the same as BASIC_AUTH_PASSWORD");
});
