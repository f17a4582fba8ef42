// What stands over a desktop and around it, in the built page and in real Chromium against `testing/agent-double.ts`: that everybody can use it, and that it fits,
// in the languages that are longest and most different.

import type { FolderListing } from "@eglantine/protocol/transfer";
import type { Page, Route } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { examinePage } from "../../../../../test/harness/shell-page.ts";
import type { AgentDouble, AgentDoubleOptions } from "../testing/agent-double.ts";
import { PageBench } from "../testing/page-bench.ts";

/** What the toolbar opens, the panel, and what is put into it. */
const PANELS: readonly (readonly [string, string, ((page: Page, agent: AgentDouble) => Promise<void>)?])[] = [
  ["open-settings", "settings-panel"],
  ["open-keyboard", "keyboard-panel"],
  ["open-pointer", "pointer-panel"],
  ["open-gamepads", "gamepads-panel"],
  ["toggle-clipboard", "clipboard-panel", copyOnDesktop],
  ["open-doctor", "doctor-panel", examineWithDoctor],
  ["open-files", "files-panel", sendFiles],
];
const LOCALES = ["en", "de", "ja"];
const ANY_BYTES = 10_000_000;
/** An agent that has everything that there is a panel for. */
const WHOLE: Partial<AgentDoubleOptions> = {
  paths: ["webrtc", "socket", "vnc"],
  hello: {
    transferTicket: "ticket",
    clipboard: { in: true, out: true, inMaxBytes: ANY_BYTES, outMaxBytes: ANY_BYTES, primary: true },
    files: { up: true, down: true, folder: "Eglantine", stages: true },
    doctor: true,
    notifications: true,
  },
};
const LONG_NAME = `${"a-name-without-a-place-to-break-it-".repeat(4)}.tar.gz`;
const LISTING: FolderListing = {
  entries: [
    { name: "Pictures", kind: "folder", sizeBytes: 0, modifiedMs: 1.7e12 },
    { name: LONG_NAME, kind: "file", sizeBytes: 5_000_000, modifiedMs: 1.7e12 },
  ],
  more: true,
  refused: [{ name: "locked.txt", why: "You may not read it." }],
};
let bench: PageBench;

beforeAll(async () => {
  bench = await PageBench.start();
});
afterAll(() => bench?.close());
afterEach(async () => {
  await bench.closeAll();
  expect(bench.complaints.splice(0)).toEqual([]);
});

/** Nobody looks at its pictures here: they come five times a second, and leave the machine to the rest. */
const startAgent = (options: Partial<AgentDoubleOptions> = {}): Promise<AgentDouble> =>
  bench.startAgent(options, { everyMs: 200 });

const reaches = (page: Page, state: string) =>
  page.waitForSelector(`html[data-state="${state}"]`, { state: "attached" });

async function connect(agent: AgentDouble, locale: string, state = "connected"): Promise<Page> {
  const page = await bench.newPage({ locale, reducedMotion: "reduce" });
  await page.route("**/transfer/**", answerTransfer);
  await page.goto(agent.url);
  await reaches(page, state);
  return page;
}

async function openTool(page: Page, tool: string): Promise<void> {
  await page.getByTestId("toolbar-handle").click();
  await page.getByTestId(tool).click();
}

/** One name is taken; what else is sent does not come to an end. */
async function answerTransfer(route: Route): Promise<void> {
  const request = route.request();
  if (request.method() === "GET") await route.fulfill({ json: LISTING });
  else if (request.url().endsWith("/taken.txt")) await route.fulfill({ status: 412 });
}

async function copyOnDesktop(page: Page, agent: AgentDouble): Promise<void> {
  const text = "Copied on the desktop. ".repeat(12);
  const types = [{ mime: "text/plain", sizeBytes: text.length }];
  agent.send({ type: "clipboard", serial: 1, types, text, from: "desktop" });
  await expect.poll(() => page.getByTestId("clipboard-text").inputValue()).toBe(text);
}

async function examineWithDoctor(page: Page, agent: AgentDouble): Promise<void> {
  const checks = (["pass", "warn", "fail", "skip"] as const).map((verdict) => {
    const check = { name: `check-${verdict}`, group: "graphics" as const, title: `A check that ends as ${verdict}` };
    const words = { seen: "libEGL finds one device", means: "the desktop draws with it" };
    const details = ["card0: a driver with a name", "card1: none"];
    return { ...check, ...words, verdict, fix: `--device=/dev/dri/${LONG_NAME}`, details, figures: [], tookMs: 1 };
  });
  await page.getByTestId("doctor-run").click();
  await agent.until(() => agent.control.some(({ type }) => type === "doctor"));
  agent.send({ type: "doctorBegun", checks: checks.map(({ name, group, title }) => ({ name, group, title })) });
  for (const check of checks) agent.send({ type: "doctorRow", ...check });
  await expect.poll(() => page.locator("[data-verdict=skip]").count()).toBe(1);
  agent.send({ type: "doctorEnded" });
  await page.locator("[data-testid=doctor-summary][data-phase=done]").waitFor();
}

async function sendFiles(page: Page): Promise<void> {
  await page.getByTestId("desktop-entry").first().waitFor();
  const files = ["taken.txt", LONG_NAME, "waiting.txt", "later.txt"];
  const chosen = files.map((name) => ({ name, mimeType: "text/plain", buffer: Buffer.alloc(5000) }));
  await page.getByTestId("choose-files").setInputFiles(chosen);
  await page.getByTestId("file-conflict").waitFor();
  // Chromium tells the console of every answer that is not 2xx.
  expect(bench.complaints.splice(0)).toEqual([expect.stringContaining("412")]);
}

it.each([
  ["open-settings", "open-all-settings"],
  ["toggle-clipboard", "clipboard-send"],
])("keeps the focus in a panel until it is closed: %s", async (tool, last) => {
  const page = await connect(await startAgent(WHOLE), "en");
  await openTool(page, tool);
  const panel = page.getByRole("dialog");
  const close = panel.getByRole("button", { name: "Close" });
  const focused = (stop: typeof close) => stop.evaluate((button) => button === document.activeElement);
  await close.focus();
  await page.keyboard.press("Shift+Tab");
  expect(await focused(panel.getByTestId(last))).toBe(true);
  await page.keyboard.press("Tab");
  expect(await focused(close)).toBe(true);
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "detached" });
});

it.each(LOCALES)("shows every panel to everybody, in %s", { timeout: 180_000 }, async (locale) => {
  const agent = await startAgent(WHOLE);
  const page = await connect(agent, locale);
  const wrong: string[] = [];
  for (const [tool, panel, fill] of PANELS) {
    await openTool(page, tool);
    await page.getByTestId(panel).waitFor();
    await fill?.(page, agent);
    wrong.push(...(await examinePage(page, `${panel}-${locale}`)));
    await page.keyboard.press("Escape");
    await page.getByTestId(panel).waitFor({ state: "detached" });
  }
  await openTool(page, "open-settings");
  await page.getByTestId("open-all-settings").click();
  await page.getByTestId("all-settings").waitFor();
  wrong.push(...(await examinePage(page, `all-settings-panel-${locale}`)));
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Alt+Shift+KeyM");
  await page.getByTestId("toolbar").waitFor();
  wrong.push(...(await examinePage(page, `toolbar-${locale}`)));
  expect(wrong).toEqual([]);
});

it.each([
  ["info", "en"],
  ["warning", "de"],
  ["error", "ja"],
] as const)("shows what comes over a desktop by itself to everybody: %s, in %s", async (level, locale) => {
  const agent = await startAgent(WHOLE);
  const page = await connect(agent, locale);
  await openTool(page, "open-keyboard");
  await page.getByTestId("toggle-key-row").check();
  await page.keyboard.press("Escape");
  await page.getByTestId("key-Function keys").click();
  const copied = { id: "list", count: 3, refused: 1 };
  agent.send({ type: "clipboard", serial: 1, types: [], names: [LONG_NAME, "two"], from: "desktop", copied });
  await page.getByTestId("copied-notice").waitFor();
  agent.send({
    type: "notice",
    level,
    text: "The sound of this desktop has stopped, and begins again by itself in a moment.",
  });
  await page.getByTestId("notice").waitFor();
  const [notice, row] = await Promise.all(["notice", "key-row"].map((id) => page.getByTestId(id).boundingBox()));
  expect((notice?.y ?? 0) + (notice?.height ?? 0)).toBeLessThan(row?.y ?? 0);
  expect(await examinePage(page, `notices-${level}-${locale}`)).toEqual([]);
});

it.each(LOCALES)("shows every page around a desktop to everybody, in %s", { timeout: 120_000 }, async (locale) => {
  const wrong: string[] = [];
  const mute = await bench.startAgent({ mute: true }, false);
  const connecting = await connect(mute, locale, "connecting");
  await connecting.getByTestId("stage-list").waitFor();
  wrong.push(...(await examinePage(connecting, `connecting-page-${locale}`)));
  await connecting.goto(`${mute.url}?crashed=true`);
  await connecting.getByTestId("crashed-page").waitFor();
  wrong.push(...(await examinePage(connecting, `crashed-page-${locale}`)));

  const agent = await startAgent();
  const page = await connect(agent, locale);
  agent.options = { ...agent.options, mute: true };
  agent.drop();
  await page.getByTestId("reconnecting").waitFor();
  wrong.push(...(await examinePage(page, `reconnecting-${locale}`)));
  agent.options = { ...agent.options, mute: false };
  agent.drop();
  await reaches(page, "connected");
  await page.getByTestId("toolbar-handle").click();
  await page.getByTestId("disconnect").click();
  await page.getByTestId("end-page").waitFor();
  wrong.push(...(await examinePage(page, `end-page-${locale}`)));
  await page.getByTestId("end-page").getByRole("button").last().click();
  await page.getByTestId("connect-form").waitFor();
  wrong.push(...(await examinePage(page, `connect-page-${locale}`)));

  const strict = await bench.startAgent({ refuse: "origin-refused" }, false);
  const refused = await connect(strict, locale, "ended");
  await refused.getByTestId("end-page").getByTestId("stage-list").waitFor();
  wrong.push(...(await examinePage(refused, `end-page-refused-${locale}`)));
  expect(wrong).toEqual([]);
});
