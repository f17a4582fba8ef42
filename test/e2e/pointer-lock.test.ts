// Story: I lock the pointer into the desktop, and each count of my mouse is a pixel there; I get it back whenever I want.

import { spawnSync } from "node:child_process";
import { FEEDBACK } from "@eglantine/protocol/feedback";
import { inputCodec } from "@eglantine/protocol/input";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { DesktopPage } from "../harness/desktop-page.ts";
import { until } from "../harness/until.ts";
import { Desktop } from "./desktop.ts";

const WIDTH = 1000;
const HEIGHT = 700;
const PASSWORDS = { ENABLE_BASIC_AUTH: "true", BASIC_AUTH_PASSWORD: "master key", NOVNC_VIEWPASS: "eyes only" };

let desktop: Desktop;
let viewer: DesktopPage;

beforeAll(async () => {
  desktop = await Desktop.open({ env: PASSWORDS });
});
afterAll(() => desktop?.close());
beforeEach(async () => {
  viewer = await desktop.connect({ password: "master key" });
});
afterEach(() => viewer.close());

async function pointerIs(xPx: number, yPx: number): Promise<void> {
  let seen = "";
  const arrived = async () => {
    const pointer = await desktop.screen.pointer();
    seen = `${pointer.xPx},${pointer.yPx}`;
    return seen === `${xPx},${yPx}`;
  };
  await until("pointer", arrived).catch(() => expect(seen).toBe(`${xPx},${yPx}`));
}

const isLocked = () => viewer.page.evaluate(() => document.pointerLockElement !== null);
const locked = () => until("the pointer is locked", isLocked);
const free = () => until("the pointer is free", async () => !(await isLocked()));
const chord = () => viewer.page.keyboard.press("Control+Alt+Shift+L");

/** Numbers without a pattern, the same in every run. */
function* random(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

test("ten thousand random steps arrive as so many pixels, whatever acceleration the desktop has", async () => {
  const set = spawnSync("xset", ["-display", desktop.display, "m", "5/1", "1"], { encoding: "utf8" });
  expect(set.stderr).toBe("");
  await viewer.movePointer(500, 350);
  await pointerIs(500, 350);
  await chord();
  await locked();
  // Not where the mouse is: places told instead of counts would be seen at once.
  await desktop.screen.movePointer(500 + 37, 350 + 23);
  const numbers = random(7);
  const next = (side: number) => Math.floor((numbers.next().value as number) * side);
  let at = { x: 500, y: 350 };
  for (let round = 0; round < 100; round++) {
    const steps = Array.from({ length: 100 }, () => ({ x: next(WIDTH - 60), y: next(HEIGHT - 40) }));
    await Promise.all(steps.map(({ x, y }) => viewer.page.mouse.move(x, y)));
    at = steps.at(-1) ?? at;
    if (round % 10 === 9) await pointerIs(at.x + 37, at.y + 23);
  }
}, 180_000);

test("the chord and the toolbar lock it and free it, without a word", async () => {
  await viewer.movePointer(300, 300);
  await chord();
  await locked();
  await chord();
  await free();
  await viewer.page.keyboard.press("Control+Alt+Shift+M");
  await viewer.byTestId("lock-pointer").click();
  await locked();
  await chord();
  await free();
  expect(await viewer.byTestId("notice").count()).toBe(0);
  expect(await desktop.screen.heldKeys()).toEqual([]);
});

test("when the lock is lost the pointer stays, what was held is let go, I am told the way back, and places count again", async () => {
  const window = await desktop.screen.openWindow(0, 0, WIDTH, HEIGHT, [40, 60, 80]);
  await viewer.movePointer(500, 350);
  await pointerIs(500, 350);
  await chord();
  await locked();
  await viewer.movePointer(560, 390);
  await pointerIs(560, 390);
  await desktop.screen.movePointer(200, 100);
  await viewer.page.mouse.down();
  await viewer.page.keyboard.down("a");
  await until("button and key", async () => (await desktop.screen.heldKeys()).length === 1);
  // What the browser does at Escape: the page is told by this event, and by nothing else.
  await viewer.page.evaluate(() => document.exitPointerLock());
  await viewer.byTestId("notice").getByText("Ctrl+Alt+Shift+L locks it").waitFor();
  await until("nothing held", async () => {
    const { heldButtons } = await desktop.screen.pointer();
    return heldButtons === 0 && (await desktop.screen.heldKeys()).length === 0;
  });
  await pointerIs(200, 100);
  await viewer.page.mouse.up();
  await viewer.page.keyboard.up("a");
  await viewer.movePointer(431, 257);
  await pointerIs(431, 257);
  await window.close();
});

test("counts that come before the browser has told of the lock are not lost", async () => {
  await viewer.movePointer(500, 350);
  await pointerIs(500, 350);
  // As a busy browser does it: the lock is there, and its event comes behind the next move.
  await viewer.page.evaluate(() => {
    const keep = (event: Event): void => {
      event.stopImmediatePropagation();
      window.addEventListener("pointermove", () => document.dispatchEvent(new Event("pointerlockchange")), {
        once: true,
      });
    };
    window.addEventListener("pointerlockchange", keep, { capture: true, once: true });
  });
  await chord();
  await locked();
  await viewer.movePointer(560, 390);
  await pointerIs(560, 390);
  await viewer.movePointer(570, 385);
  await pointerIs(570, 385);
  await chord();
  await free();
});

test("another tab takes the lock away; back here I am told how to get it again", async () => {
  await viewer.movePointer(500, 350);
  await chord();
  await locked();
  const other = await viewer.page.context().newPage();
  await other.bringToFront();
  // A headless browser keeps the lock and the focus: what another one tells the page then is told here.
  await viewer.page.evaluate(() => document.exitPointerLock());
  await viewer.page.evaluate(() => Object.defineProperty(document, "hasFocus", { value: () => false }));
  await free();
  await other.close();
  await viewer.page.bringToFront();
  await viewer.page.evaluate(() => window.dispatchEvent(new Event("focus")));
  await viewer.byTestId("notice").getByText("Ctrl+Alt+Shift+L locks it").waitFor();
  await viewer.movePointer(120, 130);
  await pointerIs(120, 130);
});

test("who may only watch locks nothing, and moves nothing by counts", async () => {
  const watcher = await desktop.connect({ password: "eyes only" });
  await viewer.movePointer(321, 234);
  await pointerIs(321, 234);
  await watcher.page.keyboard.press("Control+Alt+Shift+L");
  await watcher.byTestId("toolbar-handle").click();
  await watcher.byTestId("lock-pointer").waitFor();
  expect(await watcher.byTestId("lock-pointer").isDisabled()).toBe(true);
  expect(await watcher.page.evaluate(() => document.pointerLockElement)).toBeNull();
  await watcher.waitForChannel("input");
  // What ends the session stands behind it: by then it has been taken.
  const motion = inputCodec.encode({ type: "motion", sequence: 1, epoch: 1, x: 50, y: 50 });
  await watcher.sendRaw("input", [motion, new Uint8Array([0xff])]);
  await watcher.waitForState("ended");
  await pointerIs(321, 234);
  await viewer.movePointer(322, 235);
  await pointerIs(322, 235);
  await watcher.close();
});

test("counts that no hand makes end that viewer's session, and nobody else's", async () => {
  const hostile = await desktop.connect({ password: "master key" });
  await hostile.waitForChannel("motion");
  const at = (sequence: number, x: number) => inputCodec.encode({ type: "motion", sequence, epoch: 1, x, y: 0 });
  await hostile.sendRaw("input", [at(1, 0), at(2, 2_000_000_000)]);
  expect(await hostile.ending()).toContain("relative motion jumps too far");
  await hostile.close();
  await viewer.movePointer(77, 88);
  await pointerIs(77, 88);
});

/** Where the drawn pointer points to, desktop pixels; the picture fills the page. */
async function drawnAt(): Promise<string> {
  const image = await desktop.screen.cursorImage();
  const box = await viewer.byTestId("drawn-cursor").boundingBox();
  return box === null ? "nowhere" : `${Math.round(box.x + image.hotXPx)},${Math.round(box.y + image.hotYPx)}`;
}

const isDrawnAt = (place: string) =>
  until(`drawn at ${place}`, async () => (await drawnAt()) === place).catch(async () =>
    expect(await drawnAt()).toBe(place),
  );

test("over a program that shows its pointer it is drawn where it is, with its shape, and not where the program hides it", async () => {
  const window = await desktop.screen.openWindow(0, 0, WIDTH, HEIGHT, [40, 60, 80]);
  await viewer.movePointer(500, 350);
  await pointerIs(500, 350);
  expect(await viewer.byTestId("drawn-cursor").isVisible()).toBe(false);
  await chord();
  await locked();
  await isDrawnAt("500,350");
  await viewer.movePointer(560, 390);
  await isDrawnAt("560,390");
  const shape = () => viewer.byTestId("drawn-cursor").evaluate((element) => element.style.backgroundImage);
  const before = await shape();
  await window.setCursor(desktop.screen.glyphCursor(34));
  await until("another shape", async () => (await shape()) !== before);
  await isDrawnAt("560,390");
  // A program sets it elsewhere: known with the next count.
  await desktop.screen.movePointer(100, 200);
  await viewer.movePointer(561, 391);
  await isDrawnAt("101,201");
  await window.setCursor(desktop.screen.emptyCursor());
  await viewer.byTestId("drawn-cursor").waitFor({ state: "hidden" });
  await window.setCursor(0);
  await viewer.movePointer(571, 391);
  await isDrawnAt("111,201");
  await chord();
  await free();
  await viewer.byTestId("drawn-cursor").waitFor({ state: "hidden" });
  await window.close();
});

test("where the pointer is, is told to who counts, as far as it changes, and to nobody else", async () => {
  const other = await desktop.connect({ password: "master key" });
  for (const one of [viewer, other]) {
    await one.waitForChannel("feedback");
    await one.page.evaluate((type) => {
      const channels = Reflect.get(globalThis, "eglantineTestChannels") as RTCDataChannel[];
      const told: number[] = [];
      Object.assign(globalThis, { eglantineTestTold: told });
      channels
        .findLast(({ label }) => label === "feedback")
        ?.addEventListener("message", ({ data }: MessageEvent<ArrayBuffer>) => {
          if (new DataView(data).getUint8(0) === type) told.push(data.byteLength);
        });
    }, FEEDBACK.pointerAt.type);
  }
  const told = (one: DesktopPage) =>
    one.page.evaluate(() => (Reflect.get(globalThis, "eglantineTestTold") as number[]).length);
  await viewer.movePointer(500, 350);
  await pointerIs(500, 350);
  for (let step = 0; step < 50; step++) await viewer.movePointer(300 + step, 300);
  expect(await told(viewer)).toBe(0);
  await chord();
  await locked();
  const steps = Array.from({ length: 400 }, (_, step) => viewer.page.mouse.move(300 + (step % 200), 300));
  await Promise.all(steps);
  await until("it is told", async () => (await told(viewer)) > 0);
  let last = -1;
  await until(
    "it is told no more",
    async () => {
      const before = last;
      last = await told(viewer);
      return last === before;
    },
    { everyMs: 700 },
  );
  expect(last).toBeLessThan(400);
  expect(await told(other)).toBe(0);
  await other.close();
});
