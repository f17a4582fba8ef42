// Story: I type into a real terminal, and what the program in it reads is what I typed.

import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { Terminal } from "../harness/terminal.ts";
import { until, untilSteady } from "../harness/until.ts";
import { Desktop } from "./desktop.ts";

/** Longer than any key is down that is only pressed, on a loaded machine too. */
const NO_REPEAT_MS = 10_000;
let desktop: Desktop;
let viewer: DesktopPage;
let terminal: Terminal | undefined;

beforeAll(async () => {
  desktop = await Desktop.open();
  desktop.repeatKeysAfter(NO_REPEAT_MS);
  viewer = await desktop.connect();
});
afterAll(() => desktop?.close());
afterEach(async () => {
  await terminal?.close();
  terminal = undefined;
  desktop.repeatKeysAfter(NO_REPEAT_MS);
});

/** A terminal under the pointer, which is where an X server without a window manager sends the keys. */
async function terminalUnderPointer(mode: "bytes" | "shell"): Promise<Terminal> {
  terminal = await Terminal.start({ display: desktop.display, mode });
  await viewer.movePointer(300, 300);
  await until("the pointer over the terminal", async () => (await desktop.screen.pointer()).xPx === 300);
  return terminal;
}

async function expectText(read: Terminal, text: string, file = "text"): Promise<void> {
  await until(JSON.stringify(text), () => read.text(file) === text, { limitMs: 8000 }).catch(() => {
    expect(read.text(file)).toBe(text);
  });
}

test("letters, shifted characters, digits and signs arrive as typed", async () => {
  const bytes = await terminalUnderPointer("bytes");
  const text = "The quick brown fox, 0123456789! ~`@#$%^&*()_+-={}[]|\\:;\"'<>?,./";
  await viewer.type(text);
  await expectText(bytes, text);
});

test("a fast burst of a thousand characters arrives complete and in order", async () => {
  const bytes = await terminalUnderPointer("bytes");
  const text = Array.from({ length: 100 }, (_, line) => `Line ${String(line).padStart(3, "0")};`).join("");
  await viewer.type(text);
  await expectText(bytes, text);
});

test("Enter, Backspace, Tab, Escape and the arrows arrive as their own keys", async () => {
  const bytes = await terminalUnderPointer("bytes");
  const keys = ["a", "Enter", "Backspace", "Tab", "Escape", "ArrowUp", "ArrowDown", "ArrowRight", "ArrowLeft", "z"];
  for (const key of keys) await viewer.page.keyboard.press(key);
  await until("the last key", () => bytes.text().endsWith("z"));
  const ESCAPE = "\u001b";
  const received = bytes
    .text()
    .replaceAll(ESCAPE, "^")
    .replace(/[\b\u007f]/g, "<");
  expect(received).toBe("a\n<\t^^[A^[B^[C^[Dz");
});

test("a shell's line editing works: a word is mended with arrows and Backspace, then run", async () => {
  const shell = await terminalUnderPointer("shell");
  await viewer.type("echo helXo > out");
  for (let step = 0; step < 7; step++) await viewer.page.keyboard.press("ArrowLeft");
  await viewer.page.keyboard.press("Backspace");
  await viewer.type("l");
  await viewer.page.keyboard.press("Enter");
  await expectText(shell, "hello\n", "out");
});

test("Ctrl+C interrupts a running program", async () => {
  const shell = await terminalUnderPointer("shell");
  await viewer.type(": > started; sleep 600");
  await viewer.page.keyboard.press("Enter");
  await until("the program runs", () => shell.has("started"));
  await viewer.page.keyboard.press("Control+c");
  await viewer.type("echo code $? > out");
  await viewer.page.keyboard.press("Enter");
  await expectText(shell, "code 130\n", "out");
});

test("a held key repeats on the X server, and stops when it is let go", async () => {
  const bytes = await terminalUnderPointer("bytes");
  desktop.repeatKeysAfter(300);
  await viewer.page.keyboard.down("x");
  await until("repeats", () => bytes.text().length >= 5);
  await viewer.page.keyboard.up("x");
  await until("released", async () => (await desktop.screen.heldKeys()).length === 0);
  await untilSteady("no more repeats", () => bytes.text().length);
  await viewer.type("q");
  await until("the next key", () => bytes.text().endsWith("q"));
  expect(bytes.text()).toMatch(/^x{5,}q$/);
});

test("the browser's own repeat of a held key adds nothing", async () => {
  const window = await desktop.screen.openWindow(0, 0, 1000, 700, [0, 0, 0]);
  await viewer.page.keyboard.down("a");
  for (let repeat = 0; repeat < 5; repeat++) await viewer.page.keyboard.down("a");
  await viewer.page.keyboard.up("a");
  await until("the release", () => window.keyEvents.some((code) => code < 0));
  expect(window.keyEvents).toHaveLength(2);
  await window.close();
});

test("a key is taken by its place where the user chose that, so that the desktop's own layout says what it means", async () => {
  const bytes = await terminalUnderPointer("bytes");
  const other = await desktop.connect({
    beforeClient: () => localStorage.setItem("eglantine.settings", JSON.stringify({ keyboard: "physical" })),
  });
  await other.press("KeyY", "z");
  await other.press("KeyZ", "y");
  await expectText(bytes, "yz");
  await other.close();
});

test("a character is taken as what it is here, whatever the desktop's layout is", async () => {
  const bytes = await terminalUnderPointer("bytes");
  await viewer.press("KeyY", "z");
  await viewer.press("KeyZ", "y");
  await expectText(bytes, "zy");
});

test("characters that come without a place, as from an on-screen keyboard, arrive by what they are", async () => {
  const bytes = await terminalUnderPointer("bytes");
  for (const character of "aöé€") await viewer.press("", character);
  await expectText(bytes, "aöé€");
});
