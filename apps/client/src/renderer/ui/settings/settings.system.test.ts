// The settings in the built page, in real Chromium with the real shell behind it: what the user sets, what is kept, and what it looks like.

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ScriptedPads, scriptPads } from "../../../../../../test/harness/scripted-pads.ts";
import { ShellBench } from "../../../../../../test/harness/shell-page.ts";

let bench: ShellBench;

beforeAll(async () => {
  bench = await ShellBench.start();
});
afterAll(() => bench?.close());

async function settings(): Promise<Page> {
  const page = await bench.open("#/settings");
  await page.getByTestId("all-settings").waitFor();
  return page;
}

const kept = (name: string) => async () => Reflect.get(await bench.parts.settings.read(), name) as unknown;
const heading = (page: Page) => page.getByRole("heading", { level: 1 }).innerText();
const root = (page: Page, name: string) => page.evaluate((one) => document.documentElement.getAttribute(one), name);

it("can be used by everybody, at every size, light and dark", async () => {
  const page = await settings();
  expect(await bench.examine(page, "settings")).toEqual([]);
  await page.close();
});

it.each(["de", "ja"])("goes over to %s without a reload, and fits there too", async (language) => {
  const page = await settings();
  await page.evaluate(() => Reflect.set(window, "samePage", true));
  await page.getByTestId("choose-language").selectOption(language);
  await expect.poll(() => heading(page)).toBe({ de: "Einstellungen", ja: "設定" }[language]);
  expect(await root(page, "lang")).toBe(language);
  expect(await page.evaluate(() => Reflect.get(window, "samePage") as unknown)).toBe(true);
  expect(await bench.examine(page, `settings-${language}`)).toEqual([]);
  await page.getByTestId("choose-language").selectOption("auto");
  await expect.poll(() => heading(page)).toBe("Settings");
  await expect.poll(kept("language")).toBe("auto");
  await page.close();
});

it("keeps what is set, takes all of it back, and back again", async () => {
  const page = await settings();
  await page.getByTestId("choose-theme").selectOption("dark");
  await page.getByTestId("setting-preset").selectOption("games");
  await page.getByTestId("toggle-updates").check();
  await expect.poll(kept("updates")).toBe(true);
  expect(await root(page, "data-theme")).toBe("dark");
  expect(await kept("video")()).toEqual({ preset: "games" });
  await page.getByTestId("reset-settings").click();
  await expect.poll(kept("video")).toEqual({});
  expect(await kept("updates")()).toBe(false);
  expect(await root(page, "data-theme")).toBe("auto");
  await page.getByTestId("undo-reset").click();
  await expect.poll(kept("video")).toEqual({ preset: "games" });
  expect(await kept("updates")()).toBe(true);
  await page.getByTestId("reset-settings").click();
  await expect.poll(kept("updates")).toBe(false);
  await page.close();
});

it("shows what a gamepad does, and shakes it", async () => {
  const page = await bench.open();
  await page.addInitScript(scriptPads);
  await page.goto(`${bench.channel.url}#/settings`);
  await page.reload();
  await page.getByTestId("all-settings").waitFor();
  const pads = new ScriptedPads({ page });
  await pads.plug(0);
  await pads.set(0, { held: [2], axes: [0.5, 0, 0, -1] });
  const pad = page.getByTestId("pad-test");
  await pad.getByText("Scripted pad 0").waitFor();
  await expect.poll(() => pad.getByTestId("pad-axis").allInnerTexts()).toEqual(["0.50", "0.00", "0.00", "-1.00"]);
  const pressed = () => pad.locator('[data-pressed="true"]').allInnerTexts();
  await expect.poll(pressed).toEqual(["3"]);
  await pad.getByTestId("pad-rumble").click();
  await expect.poll(() => pads.rumbles()).toEqual(["0 dual-rumble 1.00 1.00 400"]);
  expect(await bench.examine(page, "settings-gamepad")).toEqual([]);
  await pads.unplug(0);
  await pad.waitFor({ state: "detached" });
  await page.close();
});
