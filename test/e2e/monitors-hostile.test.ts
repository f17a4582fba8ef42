// Story: somebody wants monitors that are not for him: with tickets that are spent, forged or another's, of absurd places and sizes, more than
// there may be, or although he may only watch. He is refused with a reason, and who works on two monitors notices nothing.

import { once } from "node:events";
import { CONTROL_SUBPROTOCOL } from "@eglantine/protocol/channels";
import { type AgentControl, parseAgentControl } from "@eglantine/protocol/control";
import { LIMITS } from "@eglantine/protocol/limits";
import { PROTOCOL_VERSION } from "@eglantine/protocol/version";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { monitorsOf } from "../harness/monitors.ts";
import { until } from "../harness/until.ts";
import type { EventWindow } from "../harness/x-screen.ts";
import { Desktop } from "./desktop.ts";

const PASSWORD = "the one who works";
const WATCHER = "the one who watches";
const SIZE = { widthPx: 640, heightPx: 480 };
let desktop: Desktop;
/** With two monitors. */
let first: DesktopPage;
let second: DesktopPage;
let ground: EventWindow;
const raws: Raw[] = [];
let turn = 0;

beforeAll(async () => {
  desktop = await Desktop.open({
    rfb: true,
    env: {
      ENABLE_BASIC_AUTH: "true",
      BASIC_AUTH_PASSWORD: PASSWORD,
      NOVNC_VIEWPASS: WATCHER,
      EGLANTINE_MAX_MONITORS: "3",
      EGLANTINE_MAX_VIEWERS: "8",
    },
  });
  ground = await desktop.screen.openWindow(0, 0, 4000, 2000, [60, 60, 60]);
  first = await desktop.connect({ user: "user", password: PASSWORD });
  second = await first.addMonitor(800, 600);
  await until("two monitors", () => monitorsOf(desktop.display).length === 2);
});
afterAll(() => desktop?.close());

afterEach(async () => {
  for (const raw of raws.splice(0)) raw.close();
  await until("the two monitors as they were", () => {
    return monitorsOf(desktop.display).join(" ") === "1000x700+0+0 800x600+1000+0";
  });
  const colour = turn++ % 2 === 0 ? ([200, 40, 120] as const) : ([40, 180, 60] as const);
  await ground.paint(colour);
  for (const viewer of [first, second]) {
    expect(await viewer.state()).toBe("connected");
    await viewer.waitForPixel(400, 300, colour);
  }
});

/** A control connection without a page. */
class Raw {
  readonly heard: AgentControl[] = [];
  readonly #socket: WebSocket;
  closed = false;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer, isBinary) => {
      if (!isBinary) this.heard.push(parseAgentControl(data.toString()));
    });
    socket.on("close", () => (this.closed = true));
  }

  static async open(hello: Readonly<Record<string, unknown>>): Promise<Raw> {
    const socket = new WebSocket(`${desktop.url.replace("http", "ws")}ws`, CONTROL_SUBPROTOCOL);
    const raw = new Raw(socket);
    raws.push(raw);
    await once(socket, "open");
    raw.say({ type: "hello", version: PROTOCOL_VERSION, client: "raw", ...hello });
    return raw;
  }

  say(message: Readonly<Record<string, unknown>>): void {
    this.#socket.send(JSON.stringify(message));
  }

  async hears<Type extends AgentControl["type"]>(type: Type): Promise<Extract<AgentControl, { type: Type }>> {
    const find = () => this.heard.find((message) => message.type === type);
    await until(`the agent's ${type}`, () => find() !== undefined || this.closed);
    const found = find();
    if (found === undefined) throw new Error(`no ${type} came: ${JSON.stringify(this.heard)}`);
    return found as Extract<AgentControl, { type: Type }>;
  }

  close(): void {
    this.#socket.terminate();
  }
}

const viewer = (password: string, name = "a-viewer-of-its-own") => Raw.open({ user: "user", password, window: name });
const withTicket = (ticket: string, more: Readonly<Record<string, unknown>> = {}) =>
  Raw.open({ window: "a-window-that-wants-in", monitor: { ticket, ...SIZE }, ...more });

async function refusedWith(raw: Raw, reason: string, detail: RegExp): Promise<void> {
  const bye = await raw.hears("bye");
  expect(bye.reason).toBe(reason);
  expect(bye.detail).toMatch(detail);
}

/** Of the honest viewer: what a further window asks of the first one. */
async function honestTicket(): Promise<string> {
  const opened = first.page.context().waitForEvent("page");
  await first.page.evaluate(() => void window.open("about:blank", "_blank", "popup"));
  const sheet = await opened;
  try {
    return await sheet.evaluate(
      () =>
        new Promise<string>((resolve, reject) => {
          addEventListener("message", ({ data }: MessageEvent<{ ticket?: string; why?: string }>) => {
            if (data.ticket === undefined) reject(new Error(data.why));
            else resolve(data.ticket);
          });
          const first = opener as Window;
          first.postMessage({ eglantine: "monitor-wanted", id: 1 }, first.location.origin);
        }),
    );
  } finally {
    await sheet.close();
  }
}

test("a forged ticket is refused, also where the password would be right", async () => {
  await refusedWith(await withTicket("x".repeat(43)), "monitor-refused", /unknown/);
  const both = { user: "user", password: PASSWORD };
  await refusedWith(await withTicket("x".repeat(43), both), "monitor-refused", /unknown/);
  await refusedWith(await withTicket("y".repeat(200)), "protocol-error", /ticket/);
});

test("another viewer gets no ticket while one has several monitors", async () => {
  const other = await viewer(PASSWORD);
  expect((await other.hears("hello")).monitors).toBe(3);
  other.say({ type: "monitor" });
  expect(await other.hears("monitor")).toEqual({ type: "monitor", why: expect.stringContaining("Another viewer") });
  other.say({ type: "display", widthPx: 500, heightPx: 500 });
  expect((await other.hears("notice")).text).toMatch(/another viewer has this desktop on several monitors/);
});

test("who may only watch gets none, and is not told of any", async () => {
  const watcher = await viewer(WATCHER);
  expect(await watcher.hears("hello")).not.toHaveProperty("monitors");
  watcher.say({ type: "monitor" });
  expect((await watcher.hears("monitor")).why).toMatch(/may watch/);
  watcher.say({ type: "screen", left: -1920, top: 0, width: 1920, height: 1080 });
});

test("a ticket lets one window in, once; its session may ask for no further ones", async () => {
  const ticket = await honestTicket();
  const third = await withTicket(ticket);
  const hello = await third.hears("hello");
  expect(hello).not.toHaveProperty("monitors");
  expect(hello.paths).not.toContain("vnc");
  expect(hello.files).toEqual({ up: false, down: false, folder: "" });
  await until("three monitors", () => monitorsOf(desktop.display).length === 3);
  await refusedWith(await withTicket(ticket, { window: "one-that-took-it-too" }), "monitor-refused", /spent/);
  third.say({ type: "monitor" });
  expect((await third.hears("monitor")).why).toMatch(/first window/);
  // One more than there may be.
  const fourth = await withTicket(await honestTicket(), { window: "one-that-is-too-many" });
  await refusedWith(fourth, "monitor-refused", /takes 3 monitors/);
  third.say({ type: "bye", reason: "viewer-left" });
});

test("absurd places and sizes end that session, or are passed over", async () => {
  const large = LIMITS.displayMaxPx;
  for (const monitor of [
    { ticket: "t", widthPx: large + 1, heightPx: 480 },
    { ticket: "t", widthPx: 0, heightPx: 480 },
    { ticket: "t", widthPx: -640, heightPx: 480 },
    { ticket: "t", widthPx: 640.5, heightPx: 480 },
    { ticket: "", ...SIZE },
    { ...SIZE },
  ]) {
    await refusedWith(await Raw.open({ window: "a-window-that-wants-in", monitor }), "protocol-error", /monitor/);
  }
  const screens = [
    { left: 1e9, top: 0, width: 1920, height: 1080 },
    { left: 0, top: -1e9, width: 1920, height: 1080 },
    { left: 0, top: 0, width: 0, height: 1080 },
    { left: 0.5, top: 0, width: 1920, height: 1080 },
    { left: "0", top: 0, width: 1920, height: 1080 },
  ];
  for (const screen of screens) {
    const raw = await withTicket("t", { screen });
    await refusedWith(raw, "protocol-error", /screen/);
  }
  // As far as the protocol lets a screen lie: it is a monitor beside the others.
  const far = { left: -LIMITS.viewerScreen, top: LIMITS.viewerScreen, width: 1, height: LIMITS.viewerScreen };
  const raw = await withTicket(await honestTicket(), { screen: far });
  await raw.hears("hello");
  await until("three monitors", () => monitorsOf(desktop.display).length === 3);
  raw.say({ type: "bye", reason: "viewer-left" });
});

test("a window without a name gets nowhere, and a name opens no door", async () => {
  await refusedWith(await Raw.open({ monitor: { ticket: "x".repeat(43), ...SIZE } }), "monitor-refused", /has no name/);
  // A first window is told from others by its password, whatever its name.
  const nameless = await Raw.open({ window: "a-viewer-of-its-own" });
  expect((await nameless.hears("bye")).reason).toBe("auth-required");
});

test("who asks for tickets without end is ended", async () => {
  const other = await viewer(PASSWORD, "one-that-asks-forever");
  await other.hears("hello");
  for (let count = 0; count <= LIMITS.monitorsPerMinute; count++) other.say({ type: "monitor" });
  await refusedWith(other, "rate-limited", /monitors/);
});
