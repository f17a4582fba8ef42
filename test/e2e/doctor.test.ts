// Story: something is slow, or silent. I ask the desktop itself what is wrong where it runs, and it tells me what to change.

import { execFileSync } from "node:child_process";
import type { doctorReport } from "@eglantine/protocol/doctor";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { AGENT_MAIN } from "../harness/agent.ts";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { freePort } from "../harness/ports.ts";
import { RawViewer } from "../harness/raw-viewer.ts";
import { startSession } from "../harness/session.ts";
import { until } from "../harness/until.ts";
import { Desktop } from "./desktop.ts";

type Report = ReturnType<typeof doctorReport>;

const PASSWORD = "the viewers' own";
const WATCH = "those who watch";
const TURN_PASSWORD = "known to nobody else";
/** A TURN server that is not there. */
const TURN = { TURN_HOST: "127.0.0.1", TURN_PORT: "9", TURN_USERNAME: "alice", TURN_PASSWORD };
const MEASURED = ["gl-scene", "vulkan-scene", "encoder-time"];
const open: { close(): unknown }[] = [];
let desktop: Desktop;

beforeAll(async () => {
  desktop = await Desktop.open({
    rfb: true,
    env: { ENABLE_BASIC_AUTH: "true", BASIC_AUTH_PASSWORD: PASSWORD, NOVNC_VIEWPASS: WATCH, ...TURN },
  });
});
afterAll(() => desktop?.close());
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function enter(): Promise<DesktopPage> {
  const viewer = await desktop.connect({
    user: "user",
    password: PASSWORD,
    permissions: ["clipboard-read", "clipboard-write"],
  });
  open.push(viewer);
  return viewer;
}

/** By the keyboard alone: the toolbar's chord, the tool, Enter. */
async function openDoctor(viewer: DesktopPage): Promise<void> {
  await viewer.page.keyboard.press("Control+Alt+Shift+KeyM");
  await viewer.byTestId("open-doctor").focus();
  await viewer.page.keyboard.press("Enter");
  await viewer.byTestId("doctor-panel").waitFor();
}

const rows = (viewer: DesktopPage) =>
  viewer
    .byTestId("doctor-row")
    .evaluateAll((found) =>
      Object.fromEntries(found.map((row) => [row.getAttribute("data-name"), row.getAttribute("data-verdict")])),
    );
const row = (viewer: DesktopPage, name: string) => viewer.page.locator(`[data-testid=doctor-row][data-name=${name}]`);
const ended = (viewer: DesktopPage) => viewer.page.locator("[data-testid=doctor-summary][data-phase=done]").waitFor();
const copied = (viewer: DesktopPage) => viewer.page.evaluate(() => navigator.clipboard.readText());

test("by the keyboard I open it, and each check of this very desktop ends with a word and what to change", async () => {
  const viewer = await enter();
  await openDoctor(viewer);
  // The button has the focus; what measures is left out for now.
  await viewer.page.keyboard.press("Tab");
  await viewer.page.keyboard.press("Space");
  await viewer.page.keyboard.press("Shift+Tab");
  await viewer.page.keyboard.press("Enter");
  await ended(viewer);
  const verdicts = await rows(viewer);
  expect(Object.keys(verdicts).length).toBeGreaterThan(25);
  expect(verdicts).toMatchObject({
    "x-server": "pass",
    "rfb-socket": "pass",
    "port-tcp": "pass",
    "port-udp": "pass",
    clock: "pass",
    turn: "fail",
  });
  expect(Object.values(verdicts)).not.toContain("waiting");
  expect(verdicts["encoder-time"]).toBeUndefined();
  expect(await row(viewer, "x-server").innerText()).toContain(`${desktop.display}, `);
  expect(await row(viewer, "clock").innerText()).toContain("the viewer's clock");
  const turn = row(viewer, "turn");
  expect(await turn.locator("[class*=verdict]").innerText()).toBe("Failed");
  expect(await turn.getByTestId("doctor-fix").innerText()).toMatch(/UDP port 9 must be open/);
  expect(await viewer.byTestId("doctor-summary").innerText()).toMatch(/^Failed: \d+ passed, /);
  // Escape goes back to the desktop.
  await viewer.page.keyboard.press("Escape");
  await viewer.byTestId("doctor-panel").waitFor({ state: "hidden" });
});

test("I copy what to change, and all of it as text and as JSON, and no secret is in it", async () => {
  const viewer = await enter();
  await openDoctor(viewer);
  await viewer.byTestId("doctor-measure").uncheck();
  await viewer.byTestId("doctor-run").click();
  await ended(viewer);
  const fix = row(viewer, "turn");
  await fix.getByRole("button", { name: "Copy" }).click();
  await fix.getByRole("button", { name: "Copied" }).waitFor();
  expect(await copied(viewer)).toBe(await fix.getByTestId("doctor-fix").innerText());

  await viewer.byTestId("doctor-copy-json").click();
  await until("the report is copied", async () => (await copied(viewer)).startsWith("{"));
  const json = await copied(viewer);
  const report = JSON.parse(json) as Report;
  expect(report).toMatchObject({
    version: 1,
    verdict: "fail",
    agent: expect.stringMatching(/^eglantine-agent /) as string,
  });
  expect(Object.fromEntries(report.checks.map(({ name, verdict }) => [name, verdict]))).toEqual(await rows(viewer));

  await viewer.byTestId("doctor-copy-text").click();
  await until("the text is copied", async () => !(await copied(viewer)).startsWith("{"));
  const text = await copied(viewer);
  expect(text).toMatch(/^CONTAINER\n/);
  expect(text).toMatch(/\nFAIL {2}TURN server\n/);
  for (const secret of [PASSWORD, WATCH, TURN_PASSWORD, "alice"]) expect(json + text).not.toContain(secret);
});

test("what is measured comes last, one examination runs at a time, and I can stop mine", async () => {
  const [mine, theirs] = [await enter(), await enter()];
  await openDoctor(theirs);
  await openDoctor(mine);
  await mine.byTestId("doctor-run").click();
  await mine.byTestId("doctor-row").first().waitFor();
  await theirs.byTestId("doctor-run").click();
  await ended(theirs);
  expect(await theirs.byTestId("doctor-summary").innerText()).toContain("one at a time");
  await until("all but what is measured has ended", async () => {
    const waiting = Object.entries(await rows(mine)).filter(([, verdict]) => verdict === "waiting");
    return waiting.length > 0 && waiting.every(([name]) => MEASURED.includes(name));
  });
  expect(await mine.byTestId("doctor-progress").count()).toBe(1);
  await mine.byTestId("doctor-run").click();
  await ended(mine);
  expect(await mine.byTestId("doctor-summary").innerText()).toContain("It was stopped.");
  await theirs.byTestId("doctor-measure").uncheck();
  await theirs.byTestId("doctor-run").click();
  await until("the other one's has ended", async () => (await rows(theirs))["x-server"] === "pass");
});

test("who may only watch is not let at it, and told why", async () => {
  const viewer = await desktop.connect({ user: "user", password: WATCH });
  open.push(viewer);
  await viewer.byTestId("toolbar-handle").click();
  const tool = viewer.byTestId("open-doctor");
  expect(await tool.isDisabled()).toBe(true);
  expect(await tool.getAttribute("title")).toMatch(/only watch/);

  const watcher = await RawViewer.connect(desktop.url, WATCH);
  open.push(watcher);
  expect(watcher.hello.doctor).toBeUndefined();
  watcher.send({ type: "doctor", run: true, measure: false, clockMs: Date.now() });
  await until("it is refused", () => watcher.find("doctorEnded") !== undefined);
  expect(watcher.find("doctorEnded")?.why).toMatch(/only watch/);
  expect(watcher.find("doctorBegun")).toBeUndefined();
});

test("beside a session it finds that session's display, sound and gamepads by itself", async () => {
  const session = await startSession({ desktop: "sleep 1000" });
  open.push(session);
  const stdout = execFileSync(process.execPath, [AGENT_MAIN, "doctor", "--json", "--no-measure"], {
    env: {
      PATH: process.env["PATH"],
      HOME: session.home,
      LANG: "C.UTF-8",
      EGLANTINE_RUN_DIR: session.runDir,
      EGLANTINE_PORT: String(await freePort()),
    },
    encoding: "utf8",
  });
  const report = JSON.parse(stdout) as Report;
  const found = (name: string) => report.checks.find((check) => check.name === name);
  expect(found("x-server")).toMatchObject({ verdict: "pass" });
  expect(found("x-server")?.seen).toContain(`${session.display}, `);
  expect(found("rfb-socket")).toMatchObject({ verdict: "pass", seen: "RFB 003.008" });
  expect(found("sound-server")).toMatchObject({
    verdict: "pass",
    seen: `unix:${session.runDir}/sound/native, sink desktop`,
  });
  expect(found("gamepads")).toMatchObject({ verdict: "pass" });
});
