// Story: I change how the picture is made while I look at it, and nothing is interrupted.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { until } from "../harness/until.ts";
import { Desktop } from "./desktop.ts";

let desktop: Desktop;
let viewer: DesktopPage;

beforeAll(async () => {
  desktop = await Desktop.open();
  await desktop.screen.openWindow(0, 0, 1000, 700, [20, 140, 60]);
  viewer = await desktop.connect({ query: { stats: "true" } });
  await viewer.page.keyboard.press("Control+Alt+Shift+M");
  await viewer.byTestId("open-settings").click();
});
afterAll(() => desktop?.close());

const choose = (name: string, value: string) => viewer.byTestId(`setting-${name}`).selectOption(value);
const says = (name: string, text: string) =>
  until(`${name}: ${text}`, async () => (await viewer.byTestId(`now-${name}`).innerText()).includes(text));
const sessions = () => desktop.agent.log().split("viewer let in").length - 1;

test("the agent says what is in force", async () => {
  await says("maxBps", "32 Mbit/s");
  await says("framesPerSecond", "60 a second");
  await says("preset", "Balanced");
});

test("bitrate, frame rate and preset take hold while connected", async () => {
  await choose("maxBps", "2000000");
  await says("maxBps", "2 Mbit/s");
  await choose("framesPerSecond", "15");
  await says("framesPerSecond", "15 a second");
  await choose("preset", "games");
  await says("preset", "Games");
});

test("more than the operator allows is not given, and the panel says so", async () => {
  await choose("maxBps", "100000000");
  await says("maxBps", "the agent does not give 100 Mbit/s here");
});

test("another encoder makes the picture from now on, and another codec, in the same session", async () => {
  await choose("encoder", "vp9enc");
  await says("encoder", "vp9enc");
  await until("the encoder's name in the statistics", async () =>
    (await viewer.byTestId("encoder-name").innerText()).includes("vp9enc"),
  );
  const window = await desktop.screen.openWindow(100, 100, 300, 300, [200, 30, 90]);
  await viewer.waitForPixel(250, 250, [200, 30, 90], 14);
  await choose("encoder", "x264enc");
  await says("encoder", "x264enc");
  await window.paint([40, 60, 200]);
  await viewer.waitForPixel(250, 250, [40, 60, 200], 14);
});

test("back to the agent's settings", async () => {
  await viewer.byTestId("settings-reset").click();
  await says("maxBps", "32 Mbit/s");
  await says("preset", "Balanced");
  expect(await viewer.state()).toBe("connected");
  expect(sessions()).toBe(1);
});
