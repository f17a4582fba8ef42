// The language of the built page, in real Chromium: what is spoken, and what is loaded for it.

import { globSync } from "node:fs";
import { basename, join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { LANGUAGES } from "../../shared/languages.ts";
import { PageBench } from "../testing/page-bench.ts";

const AREAS = globSync(join(import.meta.dirname, "en/*.json")).map((path) => basename(path, ".json"));
/** One area of one language, or all that is shown at the start. */
const CHUNK = new RegExp(`/assets/(${LANGUAGES.join("|")}|${AREAS.join("|")})-[^/]*\\.js$`);
let bench: PageBench;

beforeAll(async () => {
  bench = await PageBench.start();
});
afterAll(() => bench?.close());
afterEach(async () => {
  await bench.closeAll();
  expect(bench.complaints.splice(0)).toEqual([]);
});

/** The page of an agent that refuses, and the messages that it asked for until it has said so. */
async function endPage(locale: string): Promise<{ page: Page; messages: string[] }> {
  const agent = await bench.startAgent({ refuse: "origin-refused" }, false);
  const page = await bench.newPage({ locale });
  const messages: string[] = [];
  page.on("request", (request) => {
    const [, name] = CHUNK.exec(request.url()) ?? [];
    if (name !== undefined) messages.push(name);
  });
  await page.goto(agent.url);
  await page.getByTestId("connect-again").waitFor();
  // Parts of the program may be called as areas are: what comes with the page is one of these.
  const links = await page
    .locator("link[rel=modulepreload]")
    .evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  const isProgram = (name: string) => links.some((href) => href?.includes(`/${name}-`) === true);
  return { page, messages: messages.filter((name) => !isProgram(name)) };
}

const languageOf = (page: Page) => page.evaluate(() => document.documentElement.lang);

it("speaks the system's language", async () => {
  const { page, messages } = await endPage("de-CH");
  expect(await page.getByTestId("connect-again").innerText()).toBe("Erneut versuchen");
  expect(await languageOf(page)).toBe("de");
  expect(messages).toEqual(["de"]);
});

it("loads no messages for English, which comes with the interface", async () => {
  const { page, messages } = await endPage("en-GB");
  expect(await page.getByTestId("connect-again").innerText()).toBe("Try again");
  expect(await languageOf(page)).toBe("en");
  expect(messages).toEqual([]);
});
