// Monitors of a real Xvnc, plugged in and out for a viewer with several windows, as programs see them by xrandr.

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLog } from "../log.ts";
import { Monitors, type MonitorSeat } from "../session/monitors.ts";
import { testDesktop } from "../testing/x-desktop.ts";
import { startXvnc, type XServer } from "../testing/xvnc.ts";
import type { XDesktop } from "./desktop.ts";
import { layOut } from "./rfb-layout.ts";

const log = createLog("silent");
const size = (widthPx: number, heightPx: number) => ({ widthPx, heightPx });
const screenAt = (left: number, top: number) => ({ left, top, width: 1920, height: 1080 });
let server: XServer;
let desktop: XDesktop;
let monitors: Monitors;
let first: MonitorSeat;

const open = (rfbSocket: string | undefined) => testDesktop(server.display, { rfbSocket });

beforeEach(async () => {
  server = await startXvnc("", "800x600");
  desktop = open(server.rfbSocket);
  await desktop.start();
  monitors = new Monitors({ desktop, log });
  first = monitors.seat();
  first.screen = screenAt(0, 0);
});
afterEach(async () => {
  await monitors.close();
  await desktop.close();
  await server.close();
});

/** "VNC-0 800x600+0+0" */
function listed(): string[] {
  const said = execFileSync("xrandr", ["--display", server.display, "--listmonitors"], { encoding: "utf8" });
  return [...said.matchAll(/ (\d+)\/\d+x(\d+)\/\d+\+(\d+)\+(\d+) +(\S+)/g)].map(
    ([, width, height, x, y, name]) => `${name} ${width}x${height}+${x}+${y}`,
  );
}

async function plug(widthPx: number, heightPx: number, left: number, top = 0): Promise<MonitorSeat> {
  const seat = monitors.seat();
  seat.screen = screenAt(left, top);
  await monitors.plug(first, seat, size(widthPx, heightPx));
  return seat;
}

test("monitors are plugged in, resized, moved and unplugged, each keeping its output", async () => {
  await first.resize(size(1000, 700));
  const second = await plug(640, 480, 1920);
  expect(listed()).toEqual(["VNC-0 1000x700+0+0", "VNC-1 640x480+1000+0"]);
  const third = await plug(500, 400, 0, 1080);
  expect(listed()).toEqual(["VNC-0 1000x700+0+0", "VNC-1 640x480+1000+0", "VNC-2 500x400+0+700"]);
  await first.resize(size(1200, 800));
  expect(listed()).toEqual(["VNC-0 1200x800+0+0", "VNC-1 640x480+1200+0", "VNC-2 500x400+0+800"]);
  await second.moveTo(screenAt(-1920, 0));
  expect(listed()).toEqual(["VNC-0 1200x800+640+0", "VNC-1 640x480+0+0", "VNC-2 500x400+640+800"]);
  await monitors.unplug(second);
  expect(listed()).toEqual(["VNC-0 1200x800+0+0", "VNC-2 500x400+0+800"]);
  expect(third.region).toEqual({ xPx: 0, yPx: 800, widthPx: 500, heightPx: 400 });
  await monitors.unplug(third);
  expect(listed()).toEqual(["VNC-0 1200x800+0+0"]);
  expect(desktop.size).toEqual(size(1200, 800));
});

test("the desktop's one monitor is resized as before, once it is one again", async () => {
  const second = await plug(640, 480, 1920);
  await monitors.unplug(second);
  await first.resize(size(1024, 768));
  expect(listed()).toEqual(["VNC-0 1024x768+0+0"]);
  await plug(640, 480, 1920);
  expect(listed()).toHaveLength(2);
});

test("what a program does to a monitor is followed", async () => {
  const second = await plug(640, 480, 1920);
  execFileSync("xrandr", ["--display", server.display, "--output", "VNC-1", "--pos", "800x120"]);
  await expect.poll(() => second.region).toEqual({ xPx: 800, yPx: 120, widthPx: 640, heightPx: 480 });
});

test("more than the X server takes is refused with a sentence, and changes nothing", async () => {
  for (let count = 1; count <= 2; count++) {
    const seat = monitors.seat();
    seat.screen = screenAt(1920 * count, 0);
    const plugged = monitors.plug(first, seat, size(8192, 600));
    if (count === 1) await plugged;
    else await expect(plugged).rejects.toThrow(/longer than 16384 pixels/);
  }
  expect(listed()).toEqual(["VNC-0 800x600+0+0", "VNC-1 8192x600+800+0"]);
});

test("an X server without an RFB socket keeps its one monitor, and it is said why", async () => {
  await desktop.close();
  desktop = open(undefined);
  await desktop.start();
  expect(desktop.whyOneMonitor).toMatch(/EGLANTINE_RFB_SOCKET/);
  await expect(desktop.layOut([])).rejects.toThrow(/no further monitors/);
});

test("a socket that is none is refused with a sentence", async () => {
  await desktop.close();
  desktop = open("/nonexistent/rfb");
  await desktop.start();
  monitors = new Monitors({ desktop, log });
  first = monitors.seat();
  await expect(plug(640, 480, 1920)).rejects.toThrow(/RFB socket can't be used/);
  expect(first.region).toBeUndefined();
});

test("another X server in the place of a killed one gets the same monitors", async () => {
  await plug(640, 480, 1920);
  await server.kill();
  await expect.poll(() => desktop.reachable).toBe(false);
  // In a session the socket's place stays the same.
  mkdirSync(dirname(server.rfbSocket), { recursive: true });
  server = await startXvnc(server.display, "1024x768", ["-rfbunixpath", server.rfbSocket]);
  await expect.poll(() => listed()).toEqual(["VNC-0 800x600+0+0", "VNC-1 640x480+800+0"]);
  expect(first.region).toEqual({ xPx: 0, yPx: 0, widthPx: 800, heightPx: 600 });
});

test("monitors that a killed agent left are unplugged by the next one; those of others are not", async () => {
  await first.resize(size(1000, 700));
  await plug(640, 480, -1920);
  expect(listed()).toEqual(["VNC-0 1000x700+640+0", "VNC-1 640x480+0+0"]);
  await monitors.close();
  await desktop.close();
  desktop = open(server.rfbSocket);
  await desktop.start();
  monitors = new Monitors({ desktop, log });
  monitors.start(10);
  await expect.poll(() => listed()).toEqual(["VNC-0 1000x700+0+0"]);
  expect(await desktop.monitorsLeft()).toBeUndefined();
  // By its own hand.
  await layOut(server.rfbSocket, [
    { now: 0, region: { xPx: 0, yPx: 0, widthPx: 800, heightPx: 600 } },
    { now: undefined, region: { xPx: 800, yPx: 0, widthPx: 640, heightPx: 480 } },
  ]);
  expect(listed()).toHaveLength(2);
  expect(await desktop.monitorsLeft()).toBeUndefined();
});
