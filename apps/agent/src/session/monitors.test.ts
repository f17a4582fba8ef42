import { afterEach, beforeEach, expect, test } from "vitest";
import { createLog } from "../log.ts";
import { FakeDesktop } from "../testing/fake-desktop.ts";
import { Monitors, type MonitorSeat } from "./monitors.ts";

let desktop: FakeDesktop;
let monitors: Monitors;
let first: MonitorSeat;

const SCREEN = { left: 0, top: 0, width: 1920, height: 1080 };
const RIGHT = { ...SCREEN, left: 1920 };
const size = (widthPx: number, heightPx: number) => ({ widthPx, heightPx });

afterEach(() => monitors.close());

beforeEach(() => {
  desktop = new FakeDesktop();
  monitors = new Monitors({ desktop, log: createLog("silent") });
  first = monitors.seat();
  first.screen = SCREEN;
});

async function plugged(widthPx = 800, heightPx = 600, screen = RIGHT): Promise<MonitorSeat> {
  const seat = monitors.seat();
  seat.screen = screen;
  await monitors.plug(first, seat, size(widthPx, heightPx));
  return seat;
}

test("one window shows all of the desktop, and resizes it as ever", async () => {
  await first.resize(size(700, 500));
  expect(desktop.size).toEqual(size(700, 500));
  expect(first.region).toBeUndefined();
  expect(desktop.layouts).toEqual([]);
});

test("a further window gets a monitor beside the first one's, and each shows its own", async () => {
  const second = await plugged();
  expect(desktop.layouts).toEqual([["1: 640x480+0+0", "2: 800x600+640+0"]]);
  expect(first.region).toEqual({ xPx: 0, yPx: 0, widthPx: 640, heightPx: 480 });
  expect(second.region).toEqual({ xPx: 640, yPx: 0, widthPx: 800, heightPx: 600 });
  expect([first.count, second.count]).toEqual([2, 2]);
});

test("a window that is resized keeps the others' sizes and sides", async () => {
  const second = await plugged();
  await first.resize(size(1000, 700));
  expect(desktop.layouts.at(-1)).toEqual(["1: 1000x700+0+0", "2: 800x600+1000+0"]);
  await second.resize(size(501, 401));
  expect(desktop.layouts.at(-1)).toEqual(["1: 1000x700+0+0", "2: 500x400+1000+0"]);
});

test("of many sizes of one window the last one stays, and not each of them is tried", async () => {
  await plugged();
  await Promise.all(Array.from({ length: 20 }, (_, step) => first.resize(size(640 + step * 2, 480))));
  expect(desktop.layouts.at(-1)?.[0]).toBe("1: 678x480+0+0");
  expect(desktop.layouts.length).toBeLessThan(4);
});

test("a window that goes to another screen takes its monitor along", async () => {
  const second = await plugged();
  await second.moveTo({ ...SCREEN, left: -1920 });
  expect(desktop.layouts.at(-1)).toEqual(["1: 640x480+800+0", "2: 800x600+0+0"]);
  expect(first.region?.xPx).toBe(800);
});

test("unplugged, the others close up; the last one is all of the desktop again", async () => {
  const second = await plugged();
  const third = await plugged(300, 200, { ...RIGHT, left: 3840 });
  await monitors.unplug(second);
  expect(desktop.layouts.at(-1)).toEqual(["1: 640x480+0+0", "3: 300x200+640+0"]);
  await monitors.unplug(third);
  expect(desktop.layouts.at(-1)).toEqual(["1: 640x480+0+0"]);
  expect(first.region).toBeUndefined();
  expect([first.count, monitors.several]).toEqual([1, false]);
  expect(desktop.monitorWatchers.size).toBe(0);
});

test("an X server that will not leaves everything as it was", async () => {
  const told: unknown[] = [];
  first.watch(() => told.push(first.region));
  desktop.onLayOut = () => {
    throw new Error("the X server will not");
  };
  await expect(plugged()).rejects.toThrow("the X server will not");
  expect(first.region).toBeUndefined();
  expect(told.at(-1)).toBeUndefined();
  desktop.onLayOut = () => undefined;
  const second = await plugged();
  desktop.onLayOut = () => {
    throw new Error("too large");
  };
  await expect(second.resize(size(8000, 8000))).rejects.toThrow("too large");
  desktop.onLayOut = () => undefined;
  await first.resize(size(700, 500));
  expect(desktop.layouts.at(-1)).toEqual(["1: 700x500+0+0", "2: 800x600+700+0"]);
});

test("while one viewer has several, another one neither adds to them nor resizes them", async () => {
  await plugged();
  const other = monitors.seat();
  await expect(other.resize(size(500, 500))).rejects.toThrow("another viewer");
  await expect(monitors.plug(other, monitors.seat(), size(500, 500))).rejects.toThrow("another viewer");
  expect(monitors.takenFrom(other)).toBe(true);
  expect(monitors.takenFrom(first)).toBe(false);
  expect(desktop.layouts).toHaveLength(1);
});

test("a program that moves a monitor is followed", async () => {
  const second = await plugged();
  const moved = { xPx: 0, yPx: 480, widthPx: 800, heightPx: 600 };
  desktop.tellMonitors([{ output: 2, region: moved }]);
  expect(second.region).toEqual(moved);
});

test("another X server gets the monitors of the one before", async () => {
  await plugged();
  desktop.setSize(size(1024, 768));
  desktop.tellMonitors([{ output: 77, region: { xPx: 0, yPx: 0, widthPx: 1024, heightPx: 768 } }], true);
  await first.resize(size(640, 480));
  expect(first.region).toEqual({ xPx: 0, yPx: 0, widthPx: 640, heightPx: 480 });
  expect(desktop.layouts.at(-1)).toEqual(["3: 640x480+0+0", "4: 800x600+640+0"]);
});

test("monitors that a killed agent left are unplugged when nobody comes back to them", async () => {
  const left = { output: 9, region: { xPx: 300, yPx: 0, widthPx: 640, heightPx: 480 } };
  desktop.monitorLeft = left;
  const next = new Monitors({ desktop, log: createLog("silent") });
  next.start(10);
  await expect.poll(() => desktop.layouts).toEqual([["9: 640x480+0+0"]]);
  await next.close();
});

test("those that somebody came back to are left alone", async () => {
  desktop.monitorLeft = { output: 9, region: { xPx: 300, yPx: 0, widthPx: 640, heightPx: 480 } };
  const next = new Monitors({ desktop, log: createLog("silent") });
  next.start(10);
  await next.plug(next.seat(), next.seat(), size(800, 600));
  await new Promise((resolve) => setTimeout(resolve, 30));
  await next.resize(next.seat(), size(500, 500)).catch(() => undefined);
  expect(desktop.layouts).toHaveLength(1);
  await next.close();
});
