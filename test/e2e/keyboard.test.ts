// Story: keys go as characters, and as places while a game plays; I may choose, and send what my browser would keep.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { Terminal } from "../harness/terminal.ts";
import { until } from "../harness/until.ts";
import type { EventWindow } from "../harness/x-screen.ts";
import { Desktop } from "./desktop.ts";

/** X keycodes of a US desktop. */
const KEYCODE = {
  Y: 29,
  Z: 52,
  CONTROL: 37,
  ALT: 64,
  SHIFT: 50,
  SUPER: 133,
  TAB: 23,
  DELETE: 119,
  PRINT: 107,
} as const;

let desktop: Desktop;
let viewer: DesktopPage;
let window: EventWindow;

beforeAll(async () => {
  desktop = await Desktop.open();
  desktop.repeatKeysAfter(10_000);
});
afterAll(() => desktop?.close());
beforeEach(async () => {
  window = await desktop.screen.openWindow(0, 0, 1000, 700, [60, 60, 60]);
  viewer = await desktop.connect();
});
afterEach(async () => {
  await viewer.close();
  await window.close();
});

const mode = () => viewer.page.evaluate(() => document.documentElement.dataset["keyboard"]);

/** What the desktop gets of the key that is Y on a US keyboard and Z on this German one. */
async function pressed(): Promise<number> {
  window.clear();
  await viewer.press("KeyY", "z");
  await until("press and release", () => window.keyEvents.length === 2);
  expect(window.keyEvents[1]).toBe(-(window.keyEvents[0] ?? 0));
  return window.keyEvents[0] ?? 0;
}

/** The agent looks where there is input. */
async function moveUntil(wanted: "text" | "physical"): Promise<void> {
  let step = 0;
  await until(`keys as ${wanted}`, async () => {
    await viewer.movePointer(100 + (step++ % 50), 100);
    return (await mode()) === wanted;
  });
}

async function openPanel(): Promise<void> {
  await viewer.page.keyboard.press("Control+Alt+Shift+M");
  await viewer.byTestId("open-keyboard").click();
  await viewer.byTestId("keyboard-panel").waitFor();
}

describe("by itself", () => {
  test.each(["pointer", "keyboard"] as const)(
    "keys are characters, and places while a program has grabbed the %s",
    async (what) => {
      expect(await pressed()).toBe(KEYCODE.Z);
      const release = await window.grab(what);
      await moveUntil("physical");
      expect(await pressed()).toBe(KEYCODE.Y);
      await release();
      await moveUntil("text");
      expect(await pressed()).toBe(KEYCODE.Z);
    },
  );

  test("a key that is pressed is enough for the agent to look", async () => {
    const release = await window.grab("keyboard");
    await until("places", async () => {
      await pressed();
      return (await mode()) === "physical";
    });
    await release();
  });

  test("a button that is held is no grab", async () => {
    await viewer.movePointer(100, 100);
    await viewer.page.mouse.down();
    await until("the button", async () => (await desktop.screen.pointer()).heldButtons === 1);
    const pressedMs = window.lastMs.pointer;
    let step = 0;
    await until("a second of dragging", async () => {
      await viewer.movePointer(100 + (step++ % 50), 120);
      expect(await mode()).toBe("text");
      return window.lastMs.pointer - pressedMs > 1000;
    });
    await viewer.page.mouse.up();
  });

  test("looking for grabs disturbs no program", async () => {
    await viewer.movePointer(100, 100);
    await until("the pointer", async () => (await desktop.screen.pointer()).xPx === 100);
    await pressed();
    window.clear();
    await viewer.movePointer(101, 100);
    await until("the first motion", () => window.pointerEvents.length > 0);
    const beganMs = window.lastMs.pointer;
    let step = 0;
    await until("a second of looks", async () => {
      await viewer.movePointer(102 + (step++ % 50), 100);
      return window.lastMs.pointer - beganMs > 1000;
    });
    expect(window.comings).toEqual([]);
    // It did look.
    const release = await window.grab("keyboard");
    await moveUntil("physical");
    expect(window.comings.length).toBeGreaterThan(0);
    await release();
  });

  test("keys are places while the pointer is locked", async () => {
    await viewer.page.keyboard.press("Control+Alt+Shift+M");
    await viewer.byTestId("lock-pointer").click();
    await until("places", async () => (await mode()) === "physical");
    expect(await pressed()).toBe(KEYCODE.Y);
    await viewer.page.evaluate(() => document.exitPointerLock());
    await until("characters", async () => (await mode()) === "text");
    expect(await pressed()).toBe(KEYCODE.Z);
  });
});

test("the switch in the toolbar is used with the keyboard alone, and remembered", async () => {
  await viewer.page.keyboard.press("Control+Alt+Shift+M");
  await viewer.byTestId("open-keyboard").focus();
  await viewer.page.keyboard.press("Enter");
  await until("the choice", async () =>
    viewer.page.evaluate(() => document.activeElement?.getAttribute("data-testid") === "keyboard-auto"),
  );
  expect(await viewer.byTestId("keyboard-now").innerText()).toContain("characters");
  await viewer.page.keyboard.press("ArrowDown");
  await viewer.page.keyboard.press("ArrowDown");
  expect(await viewer.byTestId("keyboard-physical").isChecked()).toBe(true);
  expect(await viewer.byTestId("keyboard-now").innerText()).toContain("places: chosen by you");
  await viewer.page.keyboard.press("Escape");
  await viewer.byTestId("keyboard-panel").waitFor({ state: "detached" });
  expect(await pressed()).toBe(KEYCODE.Y);
  await viewer.page.reload();
  await viewer.waitForPicture();
  await viewer.waitForChannel("input");
  expect(await pressed()).toBe(KEYCODE.Y);
});

test("characters that I chose stay characters while a program has grabbed the keyboard", async () => {
  await openPanel();
  await viewer.byTestId("keyboard-text").click();
  await viewer.page.keyboard.press("Escape");
  const release = await window.grab("keyboard");
  await viewer.movePointer(101, 100);
  await until("the first motion", () => window.pointerEvents.length > 0);
  const beganMs = window.lastMs.pointer;
  let step = 0;
  await until("a second of looks", async () => {
    await viewer.movePointer(102 + (step++ % 50), 100);
    return window.lastMs.pointer - beganMs > 1000;
  });
  expect(await pressed()).toBe(KEYCODE.Z);
  await release();
});

test("the menu sends what browsers keep, each key down in order and up in reverse", async () => {
  const { ALT, CONTROL, DELETE, PRINT, SUPER, TAB } = KEYCODE;
  await openPanel();
  for (const [label, keys] of [
    ["Ctrl+Alt+Del", [CONTROL, ALT, DELETE]],
    ["Alt+Tab", [ALT, TAB]],
    ["Super", [SUPER]],
    ["Print", [PRINT]],
    ["Ctrl+W", [CONTROL, 25]],
    ["F1", [67]],
    ["F12", [96]],
  ] as const) {
    window.clear();
    await viewer.byTestId(`send-${label}`).click();
    await until(label, () => window.keyEvents.length === keys.length * 2);
    expect(window.keyEvents).toEqual([...keys, ...keys.map((keycode) => -keycode).reverse()]);
  }
  expect(await desktop.screen.heldKeys()).toEqual([]);
  await viewer.page.keyboard.press("Escape");
  expect(await pressed()).toBe(KEYCODE.Z);
});

test("a viewer that may only watch is offered no keyboard", async () => {
  const watched = await Desktop.open({
    env: { ENABLE_BASIC_AUTH: "true", BASIC_AUTH_PASSWORD: "full", NOVNC_VIEWPASS: "look" },
  });
  try {
    const watcher = await watched.connect({ user: "user", password: "look" });
    await watcher.page.keyboard.press("Control+Alt+Shift+M");
    await watcher.page.mouse.move(500, 2);
    await watcher.byTestId("toolbar-handle").click();
    await watcher.byTestId("view-only").waitFor();
    expect(await watcher.byTestId("open-keyboard").count()).toBe(0);
  } finally {
    await watched.close();
  }
});

test("full screen asks the browser for the system's keys", async () => {
  const other = await desktop.connect({
    beforeClient: () => {
      const { keyboard } = navigator as unknown as { keyboard: { lock: (codes?: readonly string[]) => Promise<void> } };
      const lock = keyboard.lock.bind(keyboard);
      keyboard.lock = async (codes) => {
        await lock(codes);
        document.documentElement.dataset["locked"] = String(codes ?? "all");
      };
    },
  });
  await other.page.keyboard.press("Control+Alt+Shift+M");
  await other.byTestId("toggle-fullscreen").click();
  await until("the keys", () => other.page.evaluate(() => document.documentElement.dataset["locked"] === "all"));
  expect(await other.page.evaluate(() => document.fullscreenElement !== null)).toBe(true);
  await other.close();
});

describe("lock keys follow", () => {
  /** A key as a keyboard with these locks on makes it: a driven browser has no lock keys. */
  const pressWith = (code: string, key: string, location: number, locks: { caps: boolean; num: boolean }) =>
    viewer.page.evaluate(
      (init) => {
        for (const name of ["keydown", "keyup"]) globalThis.dispatchEvent(new KeyboardEvent(name, init));
      },
      { code, key, location, modifierCapsLock: locks.caps, modifierNumLock: locks.num },
    );
  const areLocked = (caps: boolean, num: boolean) =>
    until(`caps ${caps}, num ${num}`, async () => {
      const locks = await desktop.screen.locks();
      return locks.caps === caps && locks.num === num;
    });
  afterEach(async () => {
    await pressWith("KeyA", "a", 0, { caps: false, num: false });
    await areLocked(false, false);
  });

  test("Num Lock with characters, where Caps Lock stands in them", async () => {
    await window.close();
    const terminal = await Terminal.start({ display: desktop.display, mode: "bytes" });
    await viewer.movePointer(300, 300);
    await until("the pointer over the terminal", async () => (await desktop.screen.pointer()).xPx === 300);
    await pressWith("Numpad7", "7", 3, { caps: true, num: true });
    await areLocked(false, true);
    await pressWith("KeyA", "A", 0, { caps: true, num: true });
    await pressWith("KeyA", "a", 0, { caps: false, num: true });
    await until("the text", () => terminal.text() === "7Aa").catch(() => expect(terminal.text()).toBe("7Aa"));
    await pressWith("Numpad7", "Home", 3, { caps: false, num: false });
    await areLocked(false, false);
    await terminal.close();
  });

  test("both with places", async () => {
    await openPanel();
    await viewer.byTestId("keyboard-physical").click();
    await viewer.page.keyboard.press("Escape");
    await pressWith("KeyA", "A", 0, { caps: true, num: false });
    await areLocked(true, false);
    await pressWith("KeyA", "A", 0, { caps: true, num: true });
    await areLocked(true, true);
    await pressWith("KeyA", "a", 0, { caps: false, num: true });
    await areLocked(false, true);
  });

  test("of two viewers, those of the one that types", async () => {
    const [mine, first] = [await desktop.connect(), viewer];
    await pressWith("KeyA", "a", 0, { caps: false, num: true });
    await areLocked(false, true);
    viewer = mine;
    await pressWith("KeyA", "a", 0, { caps: false, num: false });
    await areLocked(false, false);
    viewer = first;
    await pressWith("KeyA", "a", 0, { caps: false, num: true });
    await areLocked(false, true);
    await mine.close();
  });
});
