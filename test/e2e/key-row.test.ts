// Story: on a phone I have the keys that it lacks, and its own keyboard when I want it.

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { Terminal } from "../harness/terminal.ts";
import { until } from "../harness/until.ts";
import type { EventWindow } from "../harness/x-screen.ts";
import { Desktop } from "./desktop.ts";

/** X keycodes of a US desktop. */
const KEYCODE = {
  CONTROL: 37,
  SHIFT: 50,
  C: 54,
  LEFT: 113,
  ESCAPE: 9,
  TAB: 23,
  F5: 71,
  BACKSPACE: 22,
  ENTER: 36,
} as const;
const PHONE = { widthPx: 390, heightPx: 700, touch: true } as const;

let desktop: Desktop;
let viewer: DesktopPage;
let window: EventWindow;

beforeAll(async () => {
  desktop = await Desktop.open({
    env: { ENABLE_BASIC_AUTH: "true", BASIC_AUTH_PASSWORD: "hands", NOVNC_VIEWPASS: "eyes" },
  });
  desktop.repeatKeysAfter(10_000);
});
afterAll(() => desktop?.close());
beforeEach(async () => {
  window = await desktop.screen.openWindow(0, 0, 1000, 700, [60, 60, 60]);
  viewer = await desktop.connect({ ...PHONE, user: "user", password: "hands" });
  await viewer.byTestId("key-row").waitFor();
});
afterEach(async () => {
  await viewer.close();
  await window.close();
});

const tap = (name: string) => viewer.byTestId(name).tap();
const isPressed = async (name: string) => (await viewer.byTestId(name).getAttribute("aria-pressed")) === "true";

async function expectKeys(...keys: readonly number[]): Promise<void> {
  await until(`keys ${keys.join(" ")}`, () => window.keyEvents.length >= keys.length).catch(() => undefined);
  expect(window.keyEvents).toEqual(keys);
  window.clear();
}

/** Both ways of a key. */
const struck = (keycode: number) => [keycode, -keycode] as const;

test("stands below the desktop, which makes room for it", async () => {
  const row = await viewer.byTestId("key-row").boundingBox();
  const surface = await viewer.byTestId("surface").boundingBox();
  if (row === null || surface === null) throw new Error("no row, or no desktop");
  expect(surface.y + surface.height).toBeLessThanOrEqual(row.y);
  expect(row.y + row.height).toBe(PHONE.heightPx);
  expect(row.x + row.width).toBeLessThanOrEqual(PHONE.widthPx);
});

test("its keys are the desktop's", async () => {
  for (const [name, keycode] of [
    ["key-Escape", KEYCODE.ESCAPE],
    ["key-Tab", KEYCODE.TAB],
    ["key-Left", KEYCODE.LEFT],
  ] as const) {
    await tap(name);
    await expectKeys(...struck(keycode));
  }
  await tap("key-Function keys");
  await tap("key-F5");
  await expectKeys(...struck(KEYCODE.F5));
});

test("a modifier stays down for the next key alone, and comes up when it is touched again", async () => {
  const { CONTROL, LEFT, SHIFT } = KEYCODE;
  await tap("key-Ctrl");
  await expectKeys(CONTROL);
  expect(await isPressed("key-Ctrl")).toBe(true);
  await tap("key-Shift");
  await tap("key-Left");
  await expectKeys(SHIFT, LEFT, -LEFT, -CONTROL, -SHIFT);
  await until("Ctrl is not shown as held", async () => !(await isPressed("key-Ctrl")));
  await tap("key-Left");
  await expectKeys(...struck(LEFT));
  await tap("key-Ctrl");
  await tap("key-Ctrl");
  await expectKeys(...struck(CONTROL));
});

test("a modifier is held for what the device's own keyboard writes", async () => {
  const { C, CONTROL } = KEYCODE;
  await tap("own-keyboard");
  await until("the keyboard", () => isPressed("own-keyboard"));
  await tap("key-Ctrl");
  await viewer.page.keyboard.insertText("c");
  await expectKeys(CONTROL, C, -C, -CONTROL);
  await viewer.page.keyboard.insertText("c");
  await expectKeys(C, -C);
});

test("a modifier comes up, and is shown so, when the window loses the focus", async () => {
  await tap("key-Ctrl");
  await expectKeys(KEYCODE.CONTROL);
  await viewer.page.evaluate(() => globalThis.dispatchEvent(new FocusEvent("blur")));
  await expectKeys(-KEYCODE.CONTROL);
  await until("Ctrl is not shown as held", async () => !(await isPressed("key-Ctrl")));
});

test("the device's own keyboard comes when it is asked for, stays through the row's keys, and goes", async () => {
  const isShown = () => viewer.page.evaluate(() => document.activeElement?.tagName === "TEXTAREA");
  expect(await isShown()).toBe(false);
  await viewer.byTestId("surface").tap();
  expect(await isShown()).toBe(false);
  await tap("own-keyboard");
  await until("a field has the focus", isShown);
  await tap("key-Tab");
  expect(await isShown()).toBe(true);
  await tap("own-keyboard");
  await until("no field has the focus", async () => !(await isShown()));
  expect(await isPressed("own-keyboard")).toBe(false);
});

test("it writes, deletes and breaks lines without a single key event", async () => {
  await tap("own-keyboard");
  const { BACKSPACE, ENTER } = KEYCODE;
  for (let times = 0; times < 3; times++) {
    await viewer.page.evaluate(() => document.execCommand("delete"));
    await expectKeys(...struck(BACKSPACE));
  }
  await viewer.page.evaluate(() => document.execCommand("insertLineBreak"));
  await expectKeys(...struck(ENTER));
  await window.close();
  const terminal = await Terminal.start({ display: desktop.display, mode: "bytes" });
  await desktop.screen.movePointer(300, 300);
  await viewer.page.keyboard.insertText("Привет, öl");
  await until("the text", () => terminal.text() === "Привет, öl").catch(() =>
    expect(terminal.text()).toBe("Привет, öl"),
  );
  await terminal.close();
});

test("elsewhere it is shown when it is wanted, and that is remembered", async () => {
  const other = await desktop.connect({ user: "user", password: "hands" });
  expect(await other.byTestId("key-row").count()).toBe(0);
  await other.page.keyboard.press("Control+Alt+Shift+M");
  await other.byTestId("open-keyboard").click();
  await other.byTestId("toggle-key-row").check();
  await other.byTestId("key-row").waitFor();
  await other.page.reload();
  await other.submit();
  await other.byTestId("key-row").waitFor();
  await other.close();
});

test("who may only watch has none", async () => {
  const watcher = await desktop.connect({ ...PHONE, user: "user", password: "eyes" });
  await watcher.byTestId("toolbar-handle").tap();
  await watcher.byTestId("view-only").waitFor();
  expect(await watcher.byTestId("key-row").count()).toBe(0);
  await watcher.close();
});
