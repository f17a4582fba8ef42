// Story: UDP comes and goes under me, and I notice nothing: the picture goes on, and what I hold and type stays as it is.

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { LossyLink } from "../harness/desktop-page-link.ts";
import { Pattern } from "../harness/pattern.ts";
import { readCounter } from "../harness/pattern-counter.ts";
import { Terminal } from "../harness/terminal.ts";
import { until } from "../harness/until.ts";
import { Desktop } from "./desktop.ts";

let desktop: Desktop;
let viewer: DesktopPage;
let link: LossyLink;

beforeAll(async () => {
  desktop = await Desktop.open();
  desktop.repeatKeysAfter(10_000);
});
afterAll(() => desktop?.close());
beforeEach(async () => {
  link = await LossyLink.open(desktop.port);
});
afterEach(async () => {
  await viewer?.close();
  await link.close();
});

/**
 * A picture is seen again within so long after a cut, ms, also where all cores are busy; half a second is usual. Nothing else would
 * bring it: ICE itself gives a path up after half a minute, the viewer a peer after six seconds.
 */
const BACK_MS = 4000;

const cutUdp = (): void => {
  link.loses = () => true;
};
const mendUdp = (): void => {
  link.loses = () => false;
};

interface Seen {
  readonly path: string;
  readonly bits: number;
  readonly atMs: number;
}

/**
 * Runs in the page: notes path, counter blocks (harness/pattern-counter.ts) and time whenever what is seen has changed. The blocks
 * stand twice, at the top and at the bottom; where the two differ, the picture is too coarse to be read.
 */
function watchPattern(): void {
  const seen: { path: string; bits: number; atMs: number }[] = [];
  Object.assign(globalThis, { eglantineSeen: seen });
  const copy = document.createElement("canvas");
  copy.width = 400;
  copy.height = 2;
  const context = copy.getContext("2d", { willReadFrequently: true });
  const bitsOf = (data: Uint8ClampedArray, row: number): number => {
    let bits = 0;
    for (let block = 0; block < 24; block++) {
      bits = bits * 2 + ((data[(row * 400 + 16 + block * 16 + 8) * 4 + 1] ?? 0) > 127 ? 1 : 0);
    }
    return bits;
  };
  const look = (): void => {
    requestAnimationFrame(look);
    const path = document.querySelector<HTMLElement>('[data-testid="surface"]')?.dataset["path"];
    if (path === undefined || context === null) return;
    // The video lies beneath the canvas.
    for (const name of path === "socket" ? ["desktop", "socket-picture"] : ["desktop"]) {
      const source = document.querySelector<HTMLVideoElement | HTMLCanvasElement>(`[data-testid="${name}"]`);
      if (source === null) continue;
      // On a poor link the agent sends a smaller picture.
      const scale = (source instanceof HTMLVideoElement ? source.videoWidth : source.width) / 1000;
      if (scale === 0) continue;
      for (const [row, yPx] of [8, 692].entries()) {
        context.drawImage(source, 0, yPx * scale, 400 * scale, 1, 0, row, 400, 1);
      }
    }
    const { data } = context.getImageData(0, 0, 400, 2);
    const [bits, again] = [bitsOf(data, 0), bitsOf(data, 1)];
    const last = seen.at(-1);
    if (bits !== again || last?.bits === bits) return;
    seen.push({ path, bits, atMs: performance.timeOrigin + performance.now() });
  };
  look();
}

const seenSoFar = () => viewer.page.evaluate(() => [...(Reflect.get(globalThis, "eglantineSeen") as Seen[])]);

/** Until so many more pictures have been seen on this path. */
async function seesMore(path: string, pictures = 15): Promise<void> {
  const before = (await seenSoFar()).length;
  await until(`${pictures} pictures over ${path}`, async () => {
    return (await seenSoFar()).slice(before).filter((one) => one.path === path).length >= pictures;
  });
}

test("the first picture comes over TCP where UDP does not work yet, and goes over to UDP when it does", async () => {
  cutUdp();
  viewer = await desktop.connect({ onWebSocket: link.route, path: "socket", query: { stats: "true" } });
  await until("the statistics", async () => (await viewer.byTestId("path-name").innerText()) === "TCP");
  mendUdp();
  await viewer.waitForPath("webrtc");
  await until("the statistics", async () => (await viewer.byTestId("path-name").innerText()).startsWith("WebRTC"));
  expect(await viewer.state()).toBe("connected");
});

test("a cut of UDP takes the picture to TCP by itself and back, and no picture is seen twice or late", async () => {
  const pattern = await Pattern.start(desktop.display);
  try {
    await pattern.show("move");
    viewer = await desktop.connect({ onWebSocket: link.route, query: { stats: "true" } });
    await viewer.page.evaluate(watchPattern);
    await seesMore("webrtc");
    for (let round = 0; round < 2; round++) {
      const cutMs = Date.now();
      cutUdp();
      await seesMore("socket");
      const first = (await seenSoFar()).find((one) => one.path === "socket" && one.atMs > cutMs);
      expect((first?.atMs ?? 0) - cutMs).toBeLessThan(BACK_MS);
      expect(await viewer.byTestId("path-why").innerText()).toMatch(
        /nothing comes back over UDP|the viewer lost WebRTC/,
      );
      mendUdp();
      await seesMore("webrtc");
    }
    const counters = (await seenSoFar()).map(({ bits }) => readCounter(bits)).filter((one) => one !== undefined);
    expect(counters.length).toBeGreaterThan(60);
    for (const [index, counter] of counters.entries()) {
      if (index > 0)
        expect(counter, counters.slice(index - 3, index + 3).join(" ")).toBeGreaterThan(counters[index - 1] ?? 0);
    }
  } finally {
    await pattern.close();
  }
});

test("a held key stays held across a cut, and is let go once", async () => {
  const window = await desktop.screen.openWindow(0, 0, 1000, 700, [0, 0, 0]);
  viewer = await desktop.connect({ onWebSocket: link.route });
  await viewer.movePointer(200, 200);
  for (const key of ["Shift", "KeyA"]) await viewer.page.keyboard.down(key);
  await viewer.page.mouse.down();
  const held = async () => {
    const keys = await desktop.screen.heldKeys();
    return keys.length === 2 && (await desktop.screen.pointer()).heldButtons === 1;
  };
  await until("two keys and a button are down", held);
  cutUdp();
  // Something moves, so that both sides see the cut.
  await window.paint([200, 40, 120], 0, 0, 1000, 700);
  await viewer.waitForPath("socket");
  expect(await held()).toBe(true);
  mendUdp();
  await viewer.waitForPath("webrtc");
  expect(await held()).toBe(true);
  for (const key of ["KeyA", "Shift"]) await viewer.page.keyboard.up(key);
  await viewer.page.mouse.up();
  await until("nothing is held", async () => {
    const keys = await desktop.screen.heldKeys();
    return keys.length === 0 && (await desktop.screen.pointer()).heldButtons === 0;
  });
  expect(window.keyEvents.filter((code) => code > 0)).toHaveLength(2);
  expect(window.keyEvents.filter((code) => code < 0)).toHaveLength(2);
  await window.close();
});

test("every character that is typed through cuts of UDP arrives once and in order", async () => {
  const terminal = await Terminal.start({ display: desktop.display, mode: "bytes" });
  try {
    viewer = await desktop.connect({ onWebSocket: link.route });
    await viewer.movePointer(300, 300);
    await until("the pointer over the terminal", async () => (await desktop.screen.pointer()).xPx === 300);
    let typed = "";
    for (let round = 0; round < 2; round++) {
      for (const path of ["socket", "webrtc"] as const) {
        const text = `Round ${round} while it goes to ${path}, `;
        if (path === "socket") cutUdp();
        else mendUdp();
        await viewer.type(text);
        typed += text;
        // The agent waits longer after each loss before it trusts UDP again.
        await viewer.waitForPath(path, 40_000);
      }
    }
    await until("the text", () => terminal.text().length >= typed.length);
    expect(terminal.text()).toBe(typed);
  } finally {
    await terminal.close();
  }
});
