// Story: on a tablet I use the desktop with my fingers, as the pointer itself or as on a touchpad, beside a mouse too.

import { inputCodec } from "@eglantine/protocol/input";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DesktopPage, Point } from "../harness/desktop-page.ts";
import { Fingers } from "../harness/fingers.ts";
import { until, untilSteady } from "../harness/until.ts";
import type { EventWindow } from "../harness/x-screen.ts";
import { Desktop } from "./desktop.ts";

const HANDS = { user: "user", password: "hands", touch: true } as const;
/** What the row of keys leaves: a desktop pixel is a CSS pixel from the beginning. */
const HEIGHT = 656;
/** X keycode of the right Control key. */
const CONTROL = 105;
const at = (xPx: number, yPx: number): Point => ({ xPx, yPx });

let desktop: Desktop;
let viewer: DesktopPage;
let fingers: Fingers;
let window: EventWindow;

beforeAll(async () => {
  desktop = await Desktop.open({
    heightPx: HEIGHT,
    env: { ENABLE_BASIC_AUTH: "true", BASIC_AUTH_PASSWORD: "hands", NOVNC_VIEWPASS: "eyes" },
  });
  desktop.repeatKeysAfter(10_000);
});
afterAll(() => desktop?.close());
beforeEach(async () => {
  window = await desktop.screen.openWindow(0, 0, 1000, HEIGHT, [40, 60, 80]);
});
afterEach(async () => {
  await viewer.close();
  await window.close();
});

async function connect(): Promise<void> {
  viewer = await desktop.connect({ ...HANDS, query: { resize: "false" } });
  await viewer.byTestId("key-row").waitFor();
  await until("the desktop above it", async () => (await viewer.byTestId("surface").boundingBox())?.y === 0);
  fingers = await Fingers.of(viewer);
}

/** What was pressed and released, in order: "+1 100,50 -1 100,50". */
const clicks = (): string =>
  window.pointerEvents
    .filter(({ kind }) => kind !== "motion")
    .map(({ kind, button, xPx, yPx }) => `${kind === "press" ? "+" : "-"}${button} ${xPx},${yPx}`)
    .join(" ");

const clicked = (button: number, { xPx, yPx }: Point): string => `+${button} ${xPx},${yPx} -${button} ${xPx},${yPx}`;

async function awaitClicks(expected: string): Promise<void> {
  await until(expected, () => clicks().length >= expected.length, { limitMs: 5000 }).catch(() => undefined);
  expect(clicks()).toBe(expected);
}

async function expectClicks(expected: string): Promise<void> {
  await awaitClicks(expected);
  window.clear();
}

const turns = (button: number): number =>
  window.pointerEvents.filter((event) => event.kind === "press" && event.button === button).length;

async function pointerIs(xPx: number, yPx: number): Promise<void> {
  let seen = "";
  const arrived = async () => {
    const pointer = await desktop.screen.pointer();
    seen = `${pointer.xPx},${pointer.yPx}`;
    return seen === `${xPx},${yPx}`;
  };
  await until("pointer", arrived, { limitMs: 5000 }).catch(() => expect(seen).toBe(`${xPx},${yPx}`));
}

const nothingHeld = () =>
  until(
    "nothing is held",
    async () => (await desktop.screen.pointer()).heldButtons === 0 && (await desktop.screen.heldKeys()).length === 0,
  );

/** Two fingers go along together, and rest before they lift. */
async function drag(from: readonly Point[], by: Point, steps = 10, restMs = 500): Promise<void> {
  await fingers.together(async () => {
    await fingers.putAll(from);
    for (let step = 1; step <= steps; step++) {
      fingers.later(16);
      await fingers.putAll(
        from.map(({ xPx, yPx }) => at(xPx + (by.xPx * step) / steps, yPx + (by.yPx * step) / steps)),
      );
    }
    fingers.later(restMs);
    await fingers.liftAll();
  });
}

/** Chooses what a finger is, as a user does. */
async function choose(mode: "pointer" | "trackpad"): Promise<void> {
  await viewer.byTestId("toolbar-handle").tap();
  await viewer.byTestId("open-pointer").tap();
  await viewer.byTestId(`touch-${mode}`).tap();
  await viewer.byTestId("pointer-panel").getByRole("button", { name: "Close" }).tap();
}

describe("a finger as the pointer", () => {
  beforeEach(connect);

  test("a tap clicks where it is, two are a double click on one pixel, and the page does not zoom by it", async () => {
    await fingers.tap(at(123, 217));
    await expectClicks(clicked(1, at(123, 217)));
    fingers.later(150);
    await fingers.tap(at(402, 311));
    fingers.later(150);
    await fingers.tap(at(411, 305));
    await expectClicks(`${clicked(1, at(402, 311))} ${clicked(1, at(402, 311))}`);
    expect(await viewer.page.evaluate(() => visualViewport?.scale)).toBe(1);
  });

  test("what is dragged is pressed where the finger came down, goes along, and is let go of where it lifts", async () => {
    await fingers.together(async () => {
      await fingers.put(0, at(200, 200));
      await fingers.put(0, at(220, 210));
    });
    for (let step = 2; step <= 12; step++) {
      fingers.later(16);
      await fingers.put(0, at(200 + step * 20, 200 + step * 10));
    }
    await pointerIs(440, 320);
    await fingers.lift(0);
    await until("the release", () => window.pointerEvents.some(({ kind }) => kind === "release"));
    const events = window.pointerEvents.slice(window.pointerEvents.findIndex(({ kind }) => kind === "press"));
    expect(events[0]).toEqual({ kind: "press", button: 1, xPx: 200, yPx: 200 });
    expect(events.at(-1)).toEqual({ kind: "release", button: 1, xPx: 440, yPx: 320 });
    expect(events.slice(1, -1).length).toBeGreaterThan(2);
    expect(events.slice(1, -1).every(({ kind }) => kind === "motion")).toBe(true);
  });

  test("a long press is a right click, and is shown", async () => {
    await fingers.put(0, at(300, 250));
    await viewer.page.locator(".touch-sign").waitFor({ state: "visible" });
    await expectClicks(clicked(3, at(300, 250)));
    await viewer.page.locator(".touch-sign").waitFor({ state: "hidden" });
    await fingers.lift(0);
    fingers.later(600);
    await fingers.tap(at(500, 500));
    await expectClicks(clicked(1, at(500, 500)));
  });

  test("two fingers click right and three middle", async () => {
    await fingers.tap(at(300, 200), at(360, 240));
    await expectClicks(clicked(3, at(330, 220)));
    fingers.later(500);
    await fingers.tap(at(300, 200), at(360, 200), at(420, 200));
    await expectClicks(clicked(2, at(360, 200)));
  });

  test("two fingers scroll what is between them, each way, as far as they go", async () => {
    for (const [by, button] of [
      [at(0, -300), 5],
      [at(0, 300), 4],
      [at(-300, 0), 7],
      [at(300, 0), 6],
    ] as const) {
      await drag([at(480, 340), at(540, 340)], by);
      // A detent for 60 pixels.
      await until("five turns", () => turns(button) >= 5);
      await untilSteady("the wheel", () => window.pointerEvents.length);
      const pressed = window.pointerEvents.filter(({ kind }) => kind === "press");
      const turned = pressed.map((event) => `${event.button} ${event.xPx},${event.yPx}`);
      expect(turned).toEqual(Array(5).fill(`${button} 510,340`));
      window.clear();
      fingers.later(1000);
    }
  });

  test("what they throw goes on, and stops under a finger", async () => {
    await drag([at(480, 600), at(540, 600)], at(0, -300), 10, 0);
    await until("it goes on", () => turns(5) >= 12);
    await untilSteady("the wheel", () => window.pointerEvents.length);
    window.clear();
    fingers.later(1000);
    await drag([at(480, 100), at(540, 100)], at(0, 400), 4, 0);
    fingers.later(10);
    await fingers.put(0, at(700, 100));
    await untilSteady("the wheel", () => turns(4));
    await fingers.lift(0);
    // The drag itself; the throw alone would go on for 325 ms' worth of 6 pixels a ms.
    expect(turns(4)).toBeGreaterThanOrEqual(6);
    expect(turns(4)).toBeLessThan((400 + 325 * 6) / 60);
    expect(window.keyEvents).toEqual([]);
  });

  test("two fingers that pinch are Ctrl and the wheel, and nothing stays held", async () => {
    await fingers.putAll([at(480, 300), at(520, 300)]);
    for (let step = 1; step <= 20; step++) {
      fingers.later(16);
      await fingers.putAll([at(480 - step * 4, 300), at(520 + step * 4, 300)]);
    }
    await fingers.liftAll();
    await until("Ctrl is up again", () => window.keyEvents.includes(-CONTROL));
    expect(window.keyEvents).toEqual([CONTROL, -CONTROL]);
    // Five times as far apart: log(5) / log(1.15).
    expect(turns(4)).toBe(11);
    expect(turns(5)).toBe(0);
    expect(await viewer.page.evaluate(() => visualViewport?.scale)).toBe(1);
    await nothingHeld();
  });

  test("fingers that are taken away, a window that loses the focus, a page that goes: nothing stays pressed", async () => {
    const dragging = async (): Promise<void> => {
      await fingers.together(async () => {
        await fingers.put(0, at(300, 300));
        await fingers.put(0, at(400, 300));
      });
      await until("the button is down", async () => (await desktop.screen.pointer()).heldButtons === 1);
    };
    await dragging();
    await fingers.cancel();
    await nothingHeld();
    fingers.later(1000);
    await dragging();
    await viewer.page.evaluate(() => globalThis.dispatchEvent(new FocusEvent("blur")));
    await nothingHeld();
    // And what goes on has no say any more.
    await fingers.put(0, at(500, 400));
    await fingers.put(0, at(520, 400));
    await viewer.page.keyboard.press("a");
    await until("the key behind it", () => window.keyEvents.length === 2);
    await pointerIs(400, 300);
    await fingers.lift(0);
    fingers.later(1000);
    await dragging();
    await viewer.page.goto("about:blank");
    await nothingHeld();
  });
});

describe("a finger on a touchpad", () => {
  beforeEach(async () => {
    await connect();
    await choose("trackpad");
    window.clear();
  });

  const drawn = () => viewer.byTestId("drawn-cursor");

  /** Where the drawn pointer points to, desktop pixels. */
  async function drawnAt(): Promise<string> {
    const { x: left, y: top } = await viewer.onPage(0, 0);
    const image = await desktop.screen.cursorImage();
    const box = await drawn().boundingBox();
    if (box === null) return "nowhere";
    return `${Math.round(box.x + image.hotXPx - left + 0.5)},${Math.round(box.y + image.hotYPx - top + 0.5)}`;
  }

  test("moves the pointer by its own way while it aims, exactly, there and back, and it is drawn where it is", async () => {
    await desktop.screen.movePointer(500, 300);
    await fingers.put(0, at(100, 100));
    const way: Point[] = [];
    for (let step = 1; step <= 60; step++) way.push(at(100 + step * 3, 100 + step));
    for (const place of [...way, ...way.toReversed(), at(100, 100), ...way]) {
      fingers.later(40);
      await fingers.put(0, place);
    }
    await pointerIs(500 + 180, 300 + 60);
    await until("it is drawn there", async () => (await drawnAt()) === "680,360").catch(async () =>
      expect(await drawnAt()).toBe("680,360"),
    );
    await fingers.lift(0);
    expect(clicks()).toBe("");
    // A program that sets it elsewhere: seen with the next touch.
    await desktop.screen.movePointer(50, 60);
    fingers.later(1000);
    await fingers.tap(at(800, 500));
    await expectClicks(clicked(1, at(50, 60)));
    await until("it is drawn there", async () => (await drawnAt()) === "50,60");
  });

  test("goes further the faster it is, and stays on the desktop", async () => {
    await desktop.screen.movePointer(100, 300);
    await fingers.put(0, at(100, 100));
    for (let step = 1; step <= 10; step++) {
      fingers.later(16);
      await fingers.put(0, at(100 + step * 20, 100));
    }
    await fingers.lift(0);
    await until("further than the finger", async () => (await desktop.screen.pointer()).xPx > 100 + 300);
    fingers.later(1000);
    for (let times = 0; times < 4; times++) {
      await fingers.put(0, at(100, 100));
      for (let step = 1; step <= 8; step++) {
        fingers.later(16);
        await fingers.put(0, at(100 + step * 100, 100));
      }
      await fingers.lift(0);
      fingers.later(1000);
    }
    await pointerIs(999, 300);
    await until("it is drawn at the edge", async () => (await drawnAt()) === "999,300");
  });

  /** The finger stays down. */
  const tapAndMove = () =>
    fingers.together(async () => {
      await fingers.tap(at(50, 50));
      fingers.later(50);
      await fingers.put(0, at(60, 60));
      for (let step = 1; step <= 10; step++) {
        fingers.later(40);
        await fingers.put(0, at(60 + step * 2, 60));
      }
    });

  test("a tap clicks where the pointer is, and tapped and moved it drags", async () => {
    await desktop.screen.movePointer(600, 400);
    await fingers.tap(at(50, 50));
    await expectClicks(clicked(1, at(600, 400)));
    fingers.later(1000);
    await tapAndMove();
    await awaitClicks("+1 600,400");
    expect((await desktop.screen.pointer()).heldButtons).toBe(1);
    await fingers.lift(0);
    await expectClicks("+1 600,400 -1 620,400");
    fingers.later(1000);
    await fingers.tap(at(50, 50), at(90, 50));
    await expectClicks(clicked(3, at(620, 400)));
  });

  test("tapped and moved it drags however busy the page is: the browser does not scroll by it", async () => {
    for (let times = 0; times < 20; times++) {
      await desktop.screen.movePointer(600, 400);
      fingers.later(1000);
      const busy = viewer.page.evaluate(() => {
        const untilMs = performance.now() + 60;
        while (performance.now() < untilMs);
      });
      await tapAndMove();
      await busy;
      fingers.later(400);
      await fingers.put(0, at(110, 60));
      await fingers.lift(0);
      const dragged = /^\+1 600,400 -1 (6[5-9]|7\d)\d,400$/;
      await until("it was dragged all the way", () => dragged.test(clicks()), { limitMs: 5000 }).catch(() =>
        expect(clicks()).toMatch(dragged),
      );
      window.clear();
    }
  });

  test("two fingers scroll where the pointer is", async () => {
    await desktop.screen.movePointer(250, 150);
    await drag([at(480, 340), at(540, 340)], at(0, -300));
    await until("five turns", () => turns(5) >= 5);
    expect(window.pointerEvents.find(({ button }) => button === 5)).toMatchObject({ xPx: 250, yPx: 150 });
  });

  test("a mouse beside it points again, and the drawn pointer goes", async () => {
    await desktop.screen.movePointer(500, 300);
    await fingers.put(0, at(100, 100));
    fingers.later(400);
    await fingers.put(0, at(110, 100));
    await fingers.lift(0);
    await drawn().waitFor({ state: "visible" });
    await viewer.movePointer(222, 333);
    await pointerIs(222, 333);
    await drawn().waitFor({ state: "hidden" });
    await viewer.page.mouse.down();
    await viewer.page.mouse.up();
    await expectClicks(clicked(1, at(222, 333)));
  });

  test("it is not drawn where a program hides it", async () => {
    await desktop.screen.movePointer(500, 300);
    await fingers.put(0, at(100, 100));
    fingers.later(400);
    await fingers.put(0, at(110, 100));
    await drawn().waitFor({ state: "visible" });
    await window.setCursor(desktop.screen.emptyCursor());
    await drawn().waitFor({ state: "hidden" });
    await window.setCursor(0);
    await drawn().waitFor({ state: "visible" });
    await fingers.lift(0);
  });

  test("somebody else's mouse moves it too", async () => {
    const other = await desktop.connect({ user: "user", password: "hands", query: { resize: "false" } });
    await desktop.screen.movePointer(500, 300);
    await fingers.put(0, at(100, 100));
    await until("it is drawn there", async () => (await drawnAt()) === "500,300");
    await other.movePointer(222, 111);
    await until("it is drawn there", async () => (await drawnAt()) === "222,111");
    await fingers.lift(0);
    await other.close();
  });

  test("what a finger is, is remembered", async () => {
    await viewer.page.reload();
    await viewer.submit();
    await viewer.waitForPicture();
    await desktop.screen.movePointer(400, 200);
    await fingers.tap(at(50, 50));
    await expectClicks(clicked(1, at(400, 200)));
    fingers.later(1000);
    await choose("pointer");
    window.clear();
    await fingers.tap(at(555, 222));
    await expectClicks(clicked(1, at(555, 222)));
  });
});

test("a picture that is larger than the screen goes along with the touchpad's pointer", async () => {
  viewer = await desktop.connect({
    ...HANDS,
    widthPx: 400,
    heightPx: 400,
    query: { resize: "false", scale: "native" },
  });
  await viewer.byTestId("key-row").waitFor();
  await choose("trackpad");
  fingers = await Fingers.of(viewer);
  await desktop.screen.movePointer(100, 100);
  await fingers.put(0, at(50, 50));
  const scrolled = () => viewer.page.evaluate(() => document.querySelector("#stage")?.scrollLeft ?? 0);
  expect(await scrolled()).toBe(0);
  for (let step = 1; step <= 30; step++) {
    fingers.later(16);
    // On the page: the desktop moves away under the finger.
    await fingers.putOnPage(0, 50 + step * 10, 50);
  }
  await fingers.lift(0);
  await until("the picture goes along", async () => (await scrolled()) > 100);
  const drawn = await viewer.byTestId("drawn-cursor").boundingBox();
  expect(drawn?.x).toBeGreaterThan(0);
  expect(drawn?.x).toBeLessThan(400);
});

test("the tools are reached by a finger on a phone, all of them", async () => {
  viewer = await desktop.connect({ ...HANDS, widthPx: 390, heightPx: 700 });
  await viewer.byTestId("toolbar-handle").tap();
  const tools = viewer.byTestId("toolbar").getByRole("button");
  for (const tool of await tools.all()) {
    const box = await tool.boundingBox();
    if (box === null) throw new Error("a tool without a place");
    expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(44);
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(390);
  }
  // It stays while it is used, and goes with the next touch of the desktop.
  await viewer.byTestId("toggle-stats").tap();
  await viewer.byTestId("toggle-stats").tap();
  fingers = await Fingers.of(viewer);
  await fingers.tap(at(195, 500));
  await viewer.byTestId("toolbar").waitFor({ state: "detached" });
});

test("the fingers of who may only watch do nothing", async () => {
  viewer = await desktop.connect({ touch: true, user: "user", password: "eyes" });
  fingers = await Fingers.of(viewer);
  await desktop.screen.movePointer(20, 20);
  window.clear();
  await fingers.tap(at(300, 300));
  fingers.later(500);
  await drag([at(480, 340), at(540, 340)], at(0, -300));
  await viewer.byTestId("toolbar-handle").tap();
  await viewer.byTestId("view-only").waitFor();
  expect(await viewer.byTestId("open-pointer").count()).toBe(0);
  // Past the client; what ends the session stands behind it: by then it has been taken.
  const pen = { tool: 1, touches: true, barrel: false, second: false, pressure: 9, tiltX: 0, tiltY: 0, twist: 0 };
  const place = { sequence: 1, epoch: 0, x: 300, y: 300 };
  await viewer.waitForChannel("input");
  await viewer.sendRaw("input", [inputCodec.encode({ type: "pen", ...place, ...pen }), new Uint8Array([0xff])]);
  await viewer.waitForState("ended");
  expect(window.pointerEvents).toEqual([]);
  expect(await desktop.screen.pointer()).toMatchObject({ xPx: 20, yPx: 20 });
});
