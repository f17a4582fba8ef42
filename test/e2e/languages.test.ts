// Story: I type in my own language, and what I wrote stands in the program, whatever layout the desktop has.

import { spawnSync } from "node:child_process";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { CDPSession } from "playwright-core";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { Terminal } from "../harness/terminal.ts";
import { until } from "../harness/until.ts";
import { Desktop } from "./desktop.ts";

let desktop: Desktop;
let viewer: DesktopPage;
let terminal: Terminal;
let input: CDPSession;

beforeAll(async () => {
  desktop = await Desktop.open();
  desktop.repeatKeysAfter(10_000);
});
afterAll(() => desktop?.close());

function useLayout(name: string): void {
  const done = spawnSync("setxkbmap", ["-display", desktop.display, name], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`setxkbmap: ${done.error?.message ?? done.stderr}`);
}

/** Characters as a keyboard that has them makes them. The place is one of the keys between Tab and Enter. */
async function typeCharacters(text: string): Promise<void> {
  const places = ["KeyQ", "KeyW", "KeyE", "KeyR", "KeyT", "KeyY", "KeyU", "KeyI", "KeyO", "KeyP"];
  let index = 0;
  for (const character of text) await viewer.press(places[index++ % places.length] ?? "", character);
}

async function expectText(text: string): Promise<void> {
  await until(text, () => terminal.text() === text, { limitMs: 30_000 }).catch(() =>
    expect(terminal.text()).toBe(text),
  );
}

describe.each(["us", "de"])("a desktop with the layout %s", (layout) => {
  beforeEach(async () => {
    useLayout(layout);
    viewer = await desktop.connect();
    input = await viewer.page.context().newCDPSession(viewer.page);
    terminal = await Terminal.start({ display: desktop.display, mode: "bytes" });
    await viewer.movePointer(300, 300);
    await until("the pointer over the terminal", async () => (await desktop.screen.pointer()).xPx === 300);
  });
  afterEach(async () => {
    await terminal.close();
    await viewer.close();
  });

  test.each([
    ["German", "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich; 5 €, a@b {x} [y] ~ | \\ ÄÖÜß"],
    ["French", "Voix ambiguë d'un cœur qui, au zéphyr, préfère les jattes de kiwis; çàùâêîôû ÀÉ « »"],
    ["Russian", "Съешь же ещё этих мягких французских булок, да выпей чаю. ЖЩЮЁ"],
  ])("%s from a keyboard of that language", async (_, text) => {
    await typeCharacters(text);
    await expectText(text);
  });

  test("Japanese that an input method composes arrives when it is committed, and not before", async () => {
    await viewer.press("KeyA", "a");
    for (const reading of ["に", "にほ", "にほん", "にほんご"]) {
      await input.send("Input.imeSetComposition", { text: reading, selectionStart: 0, selectionEnd: reading.length });
    }
    await input.send("Input.insertText", { text: "日本語" });
    await viewer.press("KeyB", "b");
    await expectText("a日本語b");
  });

  test("emoji from a picker, and long text of more different characters than there are spare keys", async () => {
    await input.send("Input.insertText", { text: "😀👍🏽🇯🇵" });
    await expectText("😀👍🏽🇯🇵");
    const kanji = Array.from({ length: 120 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join("");
    await input.send("Input.insertText", { text: kanji });
    await viewer.press("KeyZ", "z");
    await expectText(`😀👍🏽🇯🇵${kanji}z`);
  });

  test("Shift that is held for one layout's sign is given back", async () => {
    await viewer.page.keyboard.down("Shift");
    await viewer.press("Digit7", "/");
    await viewer.press("KeyA", "A");
    await viewer.page.keyboard.up("Shift");
    await viewer.press("KeyA", "a");
    await expectText("/Aa");
    await until("nothing is held", async () => (await desktop.screen.heldKeys()).length === 0);
  });
});
