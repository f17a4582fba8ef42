// A page of which a part does not come, in real Chromium against `testing/agent-double.ts`: from a network that breaks off meanwhile, or an agent that
// another version has taken the place of.

import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { examinePage } from "../../../../test/harness/shell-page.ts";
import { PageBench } from "./testing/page-bench.ts";

let bench: PageBench;

beforeAll(async () => {
  bench = await PageBench.start();
});
afterAll(() => bench?.close());
afterEach(() => bench.closeAll());

const connected = (page: Page) => page.waitForSelector("html[data-state=connected]", { state: "attached" });

/** Opens the desktop's page; the file of this name, without its hash, does not come while it is loaded for the first `times` times. */
async function openWithout(file: string, times: number, locale = "en") {
  const agent = await bench.startAgent({}, { everyMs: 200 });
  const page = await bench.newPage({ locale });
  let loads = 0;
  await page.route("**/*", (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === "/") loads += 1;
    const name = pathname.replace(/-[\w-]{8}\./, ".");
    return loads <= times && name === `/assets/${file}` ? route.abort() : route.continue();
  });
  await page.goto(agent.url, { waitUntil: "commit" });
  return { agent, page, loads: () => loads };
}

const files = ["index.js", "channels.js", "index.css", "page.js", "mount.js", "mount.css"];
it.each(files)("is loaded again where its %s did not come, twice, and is whole then", async (file) => {
  const { page, loads } = await openWithout(file, 2);
  await expect.poll(loads).toBe(3);
  await connected(page);
  await page.getByTestId("toolbar-handle").waitFor({ state: "attached" });
  expect(await page.locator(".incomplete").count()).toBe(0);
  // The next time that something is missing has all tries again.
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
});

it("tells the user where its interface does not come at all, and leaves the desktop", async () => {
  const { page, loads } = await openWithout("mount.js", Number.POSITIVE_INFINITY, "de");
  await page.locator(".incomplete").waitFor({ timeout: 20_000 });
  expect(await page.locator(".incomplete").innerText()).toContain("Laden Sie sie neu");
  expect(loads()).toBe(4);
  await connected(page);
  expect(await page.getByTestId("desktop").isVisible()).toBe(true);
});

it("tells the user where not even its beginning comes", async () => {
  const { page, loads } = await openWithout("index.js", Number.POSITIVE_INFINITY);
  await page.getByText("Load it again.").waitFor({ timeout: 20_000 });
  expect(loads()).toBe(4);
});

it("keeps everything but a panel that can't be had, says so, and has it after another load", async () => {
  const { page, loads } = await openWithout("all-settings-panel.js", 1);
  await connected(page);
  const openSettings = async (): Promise<void> => {
    await page.getByTestId("toolbar-handle").click();
    await page.getByTestId("open-settings").click();
    await page.getByTestId("open-all-settings").click();
  };
  await openSettings();
  const missing = page.getByTestId("part-missing");
  await missing.waitFor();
  expect(await examinePage(page, "part-missing")).toEqual([]);
  await missing.getByRole("button", { name: "Dismiss" }).click();
  await missing.waitFor({ state: "detached" });
  await openSettings();
  await page.getByTestId("load-again").click();
  await expect.poll(loads).toBe(2);
  await connected(page);
  await openSettings();
  await page.getByTestId("all-settings").waitFor();
});
