// Story: where no other picture comes, or when I choose so, noVNC shows me the desktop, and I work on it there.

import { execFileSync, spawn } from "node:child_process";
import { inputCodec } from "@eglantine/protocol/input";
import { afterEach, expect, test } from "vitest";
import { DesktopPage, type DesktopPageOptions } from "../harness/desktop-page.ts";
import { Terminal } from "../harness/terminal.ts";
import { until } from "../harness/until.ts";
import type { Colour } from "../harness/x-screen.ts";
import { Desktop, type DesktopOptions } from "./desktop.ts";

const GREEN: Colour = [20, 140, 60];
const PINK: Colour = [200, 30, 90];
let desktop: Desktop | undefined;

afterEach(async () => {
  await desktop?.close();
  desktop = undefined;
});

async function open(options: DesktopOptions = {}): Promise<Desktop> {
  desktop = await Desktop.open({ rfb: true, ...options });
  return desktop;
}

/** The colour that noVNC shows at a desktop pixel; black where it shows none. */
function seen({ page }: DesktopPage, xPx: number, yPx: number): Promise<Colour> {
  return page.evaluate(
    ([x, y]) => {
      const canvas = document.querySelector<HTMLCanvasElement>("#rfb canvas");
      const data = canvas?.getContext("2d")?.getImageData(x, y, 1, 1).data;
      return [data?.[0] ?? 0, data?.[1] ?? 0, data?.[2] ?? 0] as const;
    },
    [xPx, yPx] as const,
  );
}

async function shows(viewer: DesktopPage, xPx: number, yPx: number, colour: Colour): Promise<void> {
  let last: Colour = [0, 0, 0];
  const near = async () => {
    last = await seen(viewer, xPx, yPx);
    return last.every((value, index) => Math.abs(value - (colour[index] ?? 0)) <= 12);
  };
  await until("noVNC's colour", near).catch(() => expect(last).toEqual(colour));
}

const pictureSize = ({ page }: DesktopPage) =>
  page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>("#rfb canvas");
    return { widthPx: canvas?.width ?? 0, heightPx: canvas?.height ?? 0 };
  });

async function connect(at: Desktop, options: DesktopPageOptions = {}): Promise<DesktopPage> {
  const viewer = await DesktopPage.open(at.browser, at.url, options);
  await viewer.submit();
  await viewer.page.waitForSelector('html[data-state="connected"]', { state: "attached", timeout: 40_000 });
  await viewer.byTestId("rfb").locator("canvas").waitFor();
  return viewer;
}

async function tool(viewer: DesktopPage, name: string): Promise<void> {
  await viewer.page.keyboard.press("Control+Alt+Shift+M");
  await viewer.byTestId(name).click();
}

test("with NOVNC_ENABLE it is there first: picture, typing, pointing, another size, and no picture of another path", async () => {
  const at = await open({ widthPx: 1200, heightPx: 800, env: { NOVNC_ENABLE: "true" } });
  const window = await at.screen.openWindow(0, 0, 3000, 2000, GREEN);
  const viewer = await connect(at);
  await shows(viewer, 300, 300, GREEN);
  await until(
    "the window's size",
    async () => JSON.stringify(await at.screen.size()) === '{"widthPx":1000,"heightPx":700}',
  );
  await window.paint(PINK, 500, 300, 40, 40);
  await shows(viewer, 520, 320, PINK);
  await viewer.page.mouse.move(250, 260);
  await viewer.page.mouse.down();
  await viewer.page.mouse.up();
  await until("the click", () => window.pointerEvents.some(({ kind }) => kind === "release"));
  expect(window.pointerEvents.findLast(({ kind }) => kind === "press")).toMatchObject({
    xPx: 250,
    yPx: 260,
    button: 1,
  });
  await viewer.page.setViewportSize({ width: 640, height: 480 });
  await until(
    "noVNC's size",
    async () => JSON.stringify(await pictureSize(viewer)) === '{"widthPx":640,"heightPx":480}',
  );
  await shows(viewer, 630, 470, GREEN);
  await tool(viewer, "toggle-stats");
  expect(await viewer.byTestId("path-name").innerText()).toBe("noVNC");
  expect(await viewer.byTestId("path-why").innerText()).toBe("noVNC is this agent's first choice.");
  expect(await viewer.framesPresented()).toBe(0);
  expect(at.agent.log()).not.toContain("viewer connected");
});

test("what I type in noVNC is what the program reads", async () => {
  const at = await open({ env: { NOVNC_ENABLE: "true" } });
  at.repeatKeysAfter(10_000);
  const viewer = await connect(at);
  const terminal = await Terminal.start({ display: at.display, mode: "bytes" });
  try {
    await viewer.page.mouse.move(300, 300);
    await until("the pointer over the terminal", async () => (await at.screen.pointer()).xPx === 300);
    const text = "Typed over RFB, 0123456789! (a_b) {c} é";
    await viewer.type(text.slice(0, -1));
    await until(text, () => terminal.text() === text.slice(0, -1));
  } finally {
    await terminal.close();
  }
});

test("text goes through the clipboard both ways", async () => {
  const at = await open({ env: { NOVNC_ENABLE: "true" } });
  const viewer = await connect(at);
  await viewer.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const own = (text: string) => {
    const holder = spawn("xclip", ["-display", at.display, "-selection", "clipboard", "-i"], {
      stdio: ["pipe", "ignore", "inherit"],
    });
    holder.stdin.end(text);
    return holder;
  };
  const held = own("from the desktop: ünï");
  const viewerText = () => viewer.page.evaluate(() => navigator.clipboard.readText());
  await until("the desktop's text here", async () => (await viewerText()) === "from the desktop: ünï");
  await viewer.page.evaluate(() => navigator.clipboard.writeText("from the viewer: ß€"));
  await viewer.page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await until("the viewer's text there", () => desktopText(at) === "from the viewer: ß€");
  await tool(viewer, "toggle-clipboard");
  await viewer.byTestId("clipboard-text").fill("from the box");
  await viewer.byTestId("clipboard-send").click();
  await until("the box's text there", () => desktopText(at) === "from the box");
  await viewer.page.keyboard.press("Escape");
  await viewer.byTestId("clipboard-panel").waitFor({ state: "detached" });
  held.kill();
});

/** What a program on the desktop would paste now. */
function desktopText(at: Desktop): string {
  return execFileSync("xclip", ["-display", at.display, "-selection", "clipboard", "-o"], {
    encoding: "utf8",
    timeout: 3000,
  });
}

test("a viewer with the view password watches, is told so, and moves nothing", async () => {
  const passwords = { BASIC_AUTH_PASSWORD: "master key", NOVNC_VIEWPASS: "eyes only" };
  const at = await open({ env: { ENABLE_BASIC_AUTH: "true", NOVNC_ENABLE: "true", ...passwords } });
  const window = await at.screen.openWindow(0, 0, 1000, 700, GREEN);
  const viewer = await connect(at, { user: "user", password: "eyes only" });
  await shows(viewer, 300, 300, GREEN);
  expect(await viewer.byTestId("notice").innerText()).toContain("You may watch this desktop, and not touch it.");
  window.clear();
  await viewer.page.mouse.move(250, 260);
  await viewer.page.mouse.down();
  await viewer.page.mouse.up();
  await viewer.page.keyboard.press("x");
  await viewer.page.setViewportSize({ width: 640, height: 480 });
  await window.paint(PINK, 100, 100, 40, 40);
  await shows(viewer, 120, 120, PINK);
  expect(window.pointerEvents).toEqual([]);
  expect(window.keyEvents).toEqual([]);
  expect(await at.screen.size()).toEqual({ widthPx: 1000, heightPx: 700 });
  await tool(viewer, "view-only");
});

test("what is copied on the desktop is no watcher's to see, not even for one that asks for it past the client", async () => {
  const passwords = { BASIC_AUTH_PASSWORD: "master key", NOVNC_VIEWPASS: "eyes only" };
  const at = await open({ env: { ENABLE_BASIC_AUTH: "true", NOVNC_ENABLE: "true", ...passwords } });
  const window = await at.screen.openWindow(0, 0, 1000, 700, GREEN);
  // Everything that comes over the RFB WebSocket, as it comes.
  const keepReceived = () => {
    const Native = globalThis.WebSocket;
    const received: string[] = [];
    Object.assign(globalThis, { received });
    globalThis.WebSocket = new Proxy(Native, {
      construct: (target, [url, protocols]: [string, string[]]) => {
        const socket = new target(url, protocols);
        socket.addEventListener("message", ({ data }) => {
          if (data instanceof ArrayBuffer) received.push(new TextDecoder("latin1").decode(data));
        });
        return socket;
      },
    });
  };
  const secret = "correct horse battery staple";
  const leaked = (viewer: DesktopPage) =>
    viewer.page
      .evaluate(() => (Reflect.get(globalThis, "received") as string[]).join(""))
      .then((all) => all.includes(secret));
  const watcher = await connect(at, { user: "user", password: "eyes only", beforeClient: keepReceived });
  const master = await connect(at, { user: "user", password: "master key" });
  const holder = spawn("xclip", ["-display", at.display, "-selection", "clipboard", "-i"], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  holder.stdin.end(secret);
  await master.page.keyboard.press("Control+Alt+Shift+M");
  await master.byTestId("toggle-clipboard").click();
  await until("the master's copy", async () => (await master.byTestId("clipboard-text").inputValue()) === secret);
  await window.paint(PINK, 100, 100, 40, 40);
  await shows(watcher, 120, 120, PINK);
  expect(await leaked(watcher)).toBe(false);
  holder.kill();
});

test("from the toolbar I go over to noVNC and back", async () => {
  const at = await open();
  const window = await at.screen.openWindow(0, 0, 1000, 700, GREEN);
  const viewer = await at.connect();
  await viewer.waitForPixel(300, 300, GREEN);
  await tool(viewer, "toggle-vnc");
  await shows(viewer, 300, 300, GREEN);
  await viewer.page.keyboard.press("a");
  await until("a key over noVNC", () => window.keyEvents.length >= 2);
  expect(await viewer.byTestId("desktop").isVisible()).toBe(false);
  await tool(viewer, "toggle-vnc");
  await viewer.waitForState("connected");
  await window.paint(PINK);
  await viewer.waitForPixel(300, 300, PINK);
  expect(await viewer.byTestId("rfb").isVisible()).toBe(false);
  window.clear();
  await viewer.page.keyboard.press("b");
  await until("a key over WebRTC", () => window.keyEvents.length >= 2);
});

test("from the settings I leave noVNC, and its picture and its hands are gone", async () => {
  const at = await open();
  const window = await at.screen.openWindow(0, 0, 1000, 700, GREEN);
  const viewer = await at.connect();
  await viewer.waitForPixel(300, 300, GREEN);
  await tool(viewer, "toggle-vnc");
  await shows(viewer, 300, 300, GREEN);
  await tool(viewer, "open-settings");
  await viewer.byTestId("setting-path").selectOption("webrtc");
  await viewer.page.waitForSelector('html[data-state="connecting"]', { state: "attached" });
  await viewer.waitForState("connected");
  await viewer.page.waitForSelector("#rfb", { state: "hidden" });
  await window.paint(PINK);
  await viewer.waitForPixel(300, 300, PINK);
  // Nor does noVNC come back beside it.
  expect(await viewer.byTestId("rfb").isVisible()).toBe(false);
  expect(await viewer.byTestId("desktop").isVisible()).toBe(true);
  await viewer.byTestId("settings-panel").waitFor();
  await viewer.page.keyboard.press("Escape");
  window.clear();
  await viewer.page.keyboard.press("b");
  await until("a key over WebRTC", () => window.keyEvents.length >= 2);
});

test("when no UDP comes through and nothing else is offered, noVNC is taken by itself, and says why", async () => {
  const at = await open({ env: { EGLANTINE_PATHS: "webrtc,vnc" } });
  await at.screen.openWindow(0, 0, 1000, 700, GREEN);
  const viewer = await connect(at, {
    // Only by a TURN server, of which there is none: as behind a firewall that drops UDP.
    query: { stats: "true", relay: "true" },
  });
  await shows(viewer, 300, 300, GREEN);
  expect(await viewer.byTestId("path-why").innerText()).toContain("no path for the picture was found");
}, 90_000);

test("when the agent offers nothing but noVNC, it is all there is and enough", async () => {
  const at = await open({ env: { EGLANTINE_PATHS: "vnc" } });
  const window = await at.screen.openWindow(0, 0, 1000, 700, GREEN);
  const viewer = await connect(at, { widthPx: 375, heightPx: 667 });
  await shows(viewer, 300, 300, GREEN);
  await viewer.page.keyboard.press("a");
  await until("the key", () => window.keyEvents.length >= 2);
  await viewer.page.keyboard.press("Control+Alt+Shift+M");
  const bar = await viewer.byTestId("toolbar").boundingBox();
  expect(bar?.x).toBeGreaterThanOrEqual(0);
  expect((bar?.x ?? 0) + (bar?.width ?? 999)).toBeLessThanOrEqual(375);
});

test("a view-only viewer of the coded picture moves nothing either", async () => {
  const passwords = { BASIC_AUTH_PASSWORD: "master key", NOVNC_VIEWPASS: "eyes only" };
  const at = await open({ env: { ENABLE_BASIC_AUTH: "true", ...passwords } });
  const window = await at.screen.openWindow(0, 0, 1000, 700, GREEN);
  const viewer = await at.connect({ user: "user", password: "eyes only" });
  await viewer.waitForPixel(300, 300, GREEN);
  window.clear();
  await viewer.movePointer(200, 200);
  await viewer.page.keyboard.press("x");
  await viewer.page.setViewportSize({ width: 640, height: 480 });
  // Past the client, which does not send either.
  const key = inputCodec.encode({ type: "key", pressed: true, code: 30, keysym: 0x61 });
  if (await viewer.waitForChannel("input")) await viewer.sendRaw("input", [key]);
  await window.paint(PINK, 100, 100, 40, 40);
  await viewer.waitForPixel(120, 120, PINK);
  expect(window.pointerEvents).toEqual([]);
  expect(window.keyEvents).toEqual([]);
  expect(await at.screen.size()).toEqual({ widthPx: 1000, heightPx: 700 });
});

test("when the agent is started again, noVNC comes back by itself", async () => {
  const at = await open({ env: { NOVNC_ENABLE: "true" } });
  await at.screen.openWindow(0, 0, 1000, 700, GREEN);
  const viewer = await connect(at);
  await shows(viewer, 300, 300, GREEN);
  const restarted = at.restartAgent();
  await viewer.waitForState("reconnecting");
  expect(await viewer.page.locator("#last").isVisible()).toBe(true);
  await restarted;
  await viewer.waitForState("connected");
  await shows(viewer, 300, 300, GREEN);
});

test("when the X server's RFB cannot be had, the picture comes over another path, and the reason is shown", async () => {
  const at = await open({ env: { NOVNC_ENABLE: "true", EGLANTINE_RFB_SOCKET: "/nonexistent/rfb.sock" } });
  await at.screen.openWindow(0, 0, 1000, 700, GREEN);
  const viewer = await at.connect();
  await viewer.waitForPixel(300, 300, GREEN);
  await until("the reason", async () =>
    (await viewer.byTestId("notice").innerText()).includes("The X server's RFB socket can't be opened. (ENOENT)"),
  );
});
