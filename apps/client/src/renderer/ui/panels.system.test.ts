// What stands over a desktop and around it, in the built page and in real Chromium against `testing/agent-double.ts`: that everybody can use it, and that it fits,
// in the languages that are longest and most different.

import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { examinePage } from "../../../../../test/harness/shell-page.ts";
import { PageBench } from "../testing/page-bench.ts";

/** What the toolbar opens, and the panel. */
const PANELS = {
  "open-settings": "settings-panel",
  "open-keyboard": "keyboard-panel",
  "open-pointer": "pointer-panel",
  "open-gamepads": "gamepads-panel",
} as const;
let bench: PageBench;

beforeAll(async () => {
  bench = await PageBench.start();
});
afterAll(() => bench?.close());
afterEach(async () => {
  await bench.closeAll();
  expect(bench.complaints.splice(0)).toEqual([]);
});

const reaches = (page: Page, state: string) =>
  page.waitForSelector(`html[data-state="${state}"]`, { state: "attached" });

it("keeps the focus in a panel until it is closed", async () => {
  const agent = await bench.startAgent({ paths: ["webrtc"] });
  const page = await bench.newPage();
  await page.goto(agent.url);
  await reaches(page, "connected");
  await page.getByTestId("toolbar-handle").click();
  await page.getByTestId("open-settings").click();
  const panel = page.getByTestId("settings-panel");
  const close = panel.getByRole("button", { name: "Close" });
  await close.focus();
  await page.keyboard.press("Shift+Tab");
  expect(await page.evaluate(() => document.activeElement?.getAttribute("data-testid"))).toBe("open-all-settings");
  await page.keyboard.press("Tab");
  expect(await close.evaluate((button) => button === document.activeElement)).toBe(true);
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "detached" });
});

it.each(["en", "de", "ja"])("shows every panel to everybody, in %s", async (locale) => {
  const agent = await bench.startAgent({ paths: ["webrtc", "socket", "vnc"] });
  const page = await bench.newPage({ locale, reducedMotion: "reduce" });
  await page.goto(agent.url);
  await reaches(page, "connected");
  const wrong: string[] = [];
  for (const [tool, panel] of Object.entries(PANELS)) {
    await page.getByTestId("toolbar-handle").click();
    await page.getByTestId(tool).click();
    await page.getByTestId(panel).waitFor();
    wrong.push(...(await examinePage(page, `${panel}-${locale}`)));
    await page.keyboard.press("Escape");
    await page.getByTestId(panel).waitFor({ state: "detached" });
  }
  await page.getByTestId("toolbar-handle").click();
  await page.getByTestId("open-settings").click();
  await page.getByTestId("open-all-settings").click();
  await page.getByTestId("all-settings").waitFor();
  wrong.push(...(await examinePage(page, `all-settings-panel-${locale}`)));
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Alt+Shift+KeyM");
  await page.getByTestId("toolbar").waitFor();
  wrong.push(...(await examinePage(page, `toolbar-${locale}`)));
  await page.getByTestId("disconnect").click();
  await page.getByTestId("end-page").waitFor();
  wrong.push(...(await examinePage(page, `end-page-${locale}`)));
  await page.getByTestId("end-page").getByRole("button").last().click();
  await page.getByTestId("connect-form").waitFor();
  wrong.push(...(await examinePage(page, `connect-page-${locale}`)));
  expect(wrong).toEqual([]);
});
