// One viewer's wishes for size and scale, with a fake of the desktop.

import type { AgentControl } from "@eglantine/protocol/control";
import { beforeEach, expect, test } from "vitest";
import { createLog } from "../log.ts";
import { FakeDesktop } from "../testing/fake-desktop.ts";
import { ViewerDisplay } from "./display.ts";
import { Monitors } from "./monitors.ts";

let desktop: FakeDesktop;
let sent: AgentControl[];
let asked: unknown[];

beforeEach(() => {
  desktop = new FakeDesktop();
  sent = [];
  asked = [];
  desktop.onResize = ({ widthPx, heightPx }, scale) => {
    asked.push([widthPx, heightPx, scale]);
    desktop.setSize({ widthPx, heightPx });
  };
});

const log = createLog("silent");
function open(resize: boolean, seat = new Monitors({ desktop, log }).seat(), further = false): ViewerDisplay {
  return new ViewerDisplay({ desktop, seat, further, resize, send: (message) => void sent.push(message), log });
}
const notices = () => sent.filter(({ type }) => type === "notice");

test("size and scale go to the desktop as they are asked for", async () => {
  await open(true).resize({ widthPx: 2000, heightPx: 1400 }, 2);
  await open(true).resize({ widthPx: 1000, heightPx: 700 }, undefined);
  expect(asked).toEqual([
    [2000, 1400, 2],
    [1000, 700, undefined],
  ]);
  expect(notices()).toEqual([]);
});

test("who may not change them changes neither, and is told what is", async () => {
  desktop.scale = { scale: 1.5, by: "operator" };
  await open(false).resize({ widthPx: 2000, heightPx: 1400 }, 2);
  expect(asked).toEqual([]);
  expect(sent.at(-1)).toEqual({ type: "display", widthPx: 640, heightPx: 480, scale: 1.5, scaleBy: "operator" });
});

test("beyond the largest size the shape is kept, programs draw for the rest, and it is said once for as long as it holds", async () => {
  const display = open(true);
  await display.resize({ widthPx: 7680, heightPx: 4000 }, 2);
  await display.resize({ widthPx: 7000, heightPx: 4320 }, 2);
  expect(asked).toEqual([
    [3840, 2000, 1],
    [3500, 2160, 1],
  ]);
  expect(notices()).toHaveLength(1);
  await display.resize({ widthPx: 800, heightPx: 600 }, 2);
  await display.resize({ widthPx: 7680, heightPx: 4000 }, 2);
  expect(notices()).toHaveLength(2);
});

test("a window with a monitor of its own is told that one's size, and nothing before it is there", async () => {
  const monitors = new Monitors({ desktop, log });
  const [first, further] = [monitors.seat(), monitors.seat()];
  open(true, first);
  const plugged = monitors.plug(first, further, { widthPx: 800, heightPx: 600 });
  sent.length = 0;
  const second = open(true, further, true);
  expect(sent).toEqual([]);
  await plugged;
  expect(sent.at(-1)).toEqual({ type: "display", widthPx: 800, heightPx: 600, monitors: 2 });
  expect(sent).toContainEqual({ type: "display", widthPx: 640, heightPx: 480, monitors: 2 });
  // Programs know one scale: the first window's.
  await second.resize({ widthPx: 700, heightPx: 500 }, 2);
  expect(desktop.scales).toEqual([]);
  await open(true, first).resize({ widthPx: 640, heightPx: 480 }, 1.5);
  expect(desktop.scales).toEqual([1.5]);
  expect(asked).toEqual([]);
});
