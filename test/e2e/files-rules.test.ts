// Story: files go only the way that the operator allows, stay in their folder whatever a viewer sends, cost no memory and never starve the picture.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FileDrag } from "../harness/drop.ts";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { isAlive } from "../harness/processes.ts";
import { RawViewer } from "../harness/raw-viewer.ts";
import { until } from "../harness/until.ts";
import { Desktop } from "./desktop.ts";

const LARGE_MS = 300_000;
const ID = "00112233445566778899aabbccddeeff";
const PASSWORDS = { ENABLE_BASIC_AUTH: "true", BASIC_AUTH_PASSWORD: "master key", NOVNC_VIEWPASS: "eyes only" };
let folder: string;
let there: string;
let desktop: Desktop;
let raw: RawViewer | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "eglantine-files-"));
  there = join(folder, "there");
});
afterEach(async () => {
  raw?.close();
  raw = undefined;
  await desktop?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(env: Readonly<Record<string, string>> = {}): Promise<void> {
  desktop = await Desktop.open({ env: { EGLANTINE_FILES_DIR: there, ...env } });
}

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** All of it in one piece, as the client does it. */
const put = (viewer: RawViewer, names: string, text: string, sizeBytes = text.length) =>
  viewer.ask(`files/up/${ID}/${sizeBytes}/ask/${names}`, {
    method: "PUT",
    body: text,
    headers: { "repr-digest": `sha-256=:${createHash("sha256").update(text).digest("base64")}:` },
  });
const names = (): string[] => (existsSync(there) ? readdirSync(there) : []);

test.each([
  ["both", true],
  ["up", true],
  ["down", false],
  ["off", false],
])("EGLANTINE_FILES=%s holds whatever a viewer sends", async (ways, may) => {
  await open({ EGLANTINE_FILES: ways });
  raw = await RawViewer.connect(desktop.url);
  expect(raw.hello.files).toMatchObject({ up: may, down: ways === "both" || ways === "down" });
  const answer = await put(raw, "one.txt", "one");
  expect(answer.status).toBe(may ? 204 : 403);
  expect((await raw.ask("files/folder/two", { method: "PUT" })).status).toBe(may ? 204 : 403);
  expect(names().sort()).toEqual(may ? ["one.txt", "two"] : []);
  if (!may) expect(answer.text).toContain("EGLANTINE_FILES");
});

/** Runs in the page: keeps the drag's events, to see whether the browser was kept from opening what is dropped. */
function keepDrags(): void {
  const drags: DragEvent[] = [];
  for (const type of ["dragenter", "dragover", "drop"] as const) {
    window.addEventListener(type, (event) => drags.push(event), { capture: true });
  }
  Object.assign(window, { eglantineTestDrags: drags });
}

/** Chromium opens nothing that is dropped in this way: what it was told counts. */
const drags = (viewer: DesktopPage) =>
  viewer.page.evaluate(() =>
    (Reflect.get(window, "eglantineTestDrags") as DragEvent[]).map(({ type, defaultPrevented, dataTransfer }) =>
      [type, defaultPrevented ? "kept from it" : "opens it", dataTransfer?.dropEffect].join(" "),
    ),
  );

test("the browser is kept from opening what is dropped", async () => {
  await open();
  const viewer = await desktop.connect({ beforeClient: keepDrags });
  await (await FileDrag.begin(viewer.page, [write("mine.html", "<h1>mine</h1>")])).drop();
  await until("the file", () => names().includes("mine.html"));
  expect(new Set(await drags(viewer))).toEqual(
    new Set(["dragenter kept from it copy", "dragover kept from it copy", "drop kept from it copy"]),
  );
});

test("who may only watch puts nothing in, and a drop does not take the desktop's place", async () => {
  await open(PASSWORDS);
  raw = await RawViewer.connect(desktop.url, "eyes only");
  expect(raw.hello.files).toMatchObject({ up: false, down: false });
  expect((await put(raw, "one.txt", "one")).status).toBe(403);
  const viewer = await desktop.connect({ user: "user", password: "eyes only", beforeClient: keepDrags });
  const url = viewer.page.url();
  const drag = await FileDrag.begin(viewer.page, [write("mine.html", "<h1>mine</h1>")]);
  expect(await viewer.byTestId("drop-hint").count()).toBe(0);
  await drag.drop();
  // Where it may not be dropped there is no drop.
  expect(new Set(await drags(viewer))).toEqual(new Set(["dragenter kept from it none", "dragover kept from it none"]));
  await viewer.byTestId("toolbar-handle").click();
  await viewer.byTestId("toolbar").waitFor();
  expect(await viewer.byTestId("open-files").count()).toBe(0);
  expect([await viewer.state(), viewer.page.url()]).toEqual(["connected", url]);
  expect(names()).toEqual([]);
});

test.each([
  ["%2e%2e/secret"],
  ["..%2fsecret"],
  ["../../../../secret"],
  ["a/%2e%2e/%2e%2e/secret"],
  ["%2fetc%2fpasswd"],
  ["a%00b"],
  ["a%0ab"],
  ["%E2%80%AEgpj.exe"],
  ["x".repeat(300)],
  [`.eglantine-${ID}.part`],
  [""],
  ["%ff"],
  ["d/".repeat(40)],
])("%s is no name of a file", async (path) => {
  await open();
  raw = await RawViewer.connect(desktop.url);
  const { status, text } = await put(raw, path, "bad");
  expect([status, text.trim() === ""]).toEqual([400, false]);
  expect(names()).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

test("links in the folder lead nowhere", async () => {
  const outside = join(folder, "outside");
  mkdirSync(there);
  mkdirSync(outside);
  symlinkSync(outside, join(there, "way-out"));
  symlinkSync(join(outside, "file"), join(there, `.eglantine-${ID}.part`));
  await open();
  raw = await RawViewer.connect(desktop.url);
  expect((await put(raw, "way-out/bad.txt", "bad")).status).toBe(403);
  expect((await put(raw, "bad.txt", "bad")).status).toBe(409);
  expect(readdirSync(outside)).toEqual([]);
});

test("what is more than was announced, has no SHA-256 or another one, or no room, is refused in words", async () => {
  await open();
  raw = await RawViewer.connect(desktop.url);
  const long = await put(raw, "long.txt", "longer than that", 5);
  expect([long.status, long.text]).toEqual([413, expect.stringContaining("5 bytes")]);
  const without = await raw.ask(`files/up/${ID}/3/ask/without.txt`, { method: "PUT", body: "abc" });
  expect([without.status, without.text]).toEqual([400, expect.stringContaining("SHA-256")]);
  const endless = await put(raw, "endless", "x", 9e15);
  expect([endless.status, endless.text]).toEqual([507, expect.stringContaining("room")]);
  expect(names().filter((name) => !name.startsWith("."))).toEqual([]);
  expect(desktop.agentIsAlive()).toBe(true);
});

/** Of a process and of nobody else, MB. */
function privateMegabytes(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const kilobytes = [...rollup.matchAll(/^Private_(?:Clean|Dirty): +(\d+) kB$/gm)];
  return kilobytes.reduce((sum, [, value]) => sum + Number(value), 0) / 1000;
}

/** EGLANTINE_TEST_LARGE=true: 2 GB. */
const LARGE_MB = process.env["EGLANTINE_TEST_LARGE"] === "true" ? 2000 : 300;

test(
  `${LARGE_MB} MB cost neither side's memory, and the picture goes on beside them`,
  async () => {
    await open();
    const viewer = await desktop.connect();
    const window = await desktop.screen.openWindow(0, 0, 1000, 700, [60, 60, 60]);
    const path = join(folder, "large.bin");
    execFileSync("dd", ["if=/dev/urandom", `of=${path}`, "bs=1M", `count=${LARGE_MB}`], { stdio: "ignore" });
    const renderers = await desktop.browser.pids("renderer");
    // A spare one of Chromium's may end by itself; the viewer's own has something to do until the end.
    const memory = () => [desktop.agent.pid, ...renderers].map((pid) => (isAlive(pid) ? privateMegabytes(pid) : 0));
    const before = memory();
    const most = [...before];
    await (await FileDrag.begin(viewer.page, [path])).drop();
    const row = viewer.page.locator('[data-testid="file"]');
    await row.waitFor();
    let pictures = 0;
    const colours = [
      [200, 40, 40],
      [40, 40, 200],
    ] as const;
    const isDone = async () => (await row.getAttribute("data-state")) === "done";
    for (; !(await isDone()); pictures += 1) {
      expect(await row.getAttribute("data-state")).toBe("moving");
      const colour = colours[pictures % 2] ?? colours[0];
      await window.paint([...colour]);
      await viewer.waitForPixel(100, 600, [...colour], 30);
      memory().forEach((megabytes, at) => (most[at] = Math.max(most[at] ?? 0, megabytes)));
    }
    expect(pictures).toBeGreaterThan(5);
    // Buffers, and on a busy machine what is not yet collected; never as much as the file.
    for (const [at, megabytes] of most.entries()) expect(megabytes - (before[at] ?? 0)).toBeLessThan(200);
    expect(names()).toEqual(["large.bin"]);
    execFileSync("cmp", [path, join(there, "large.bin")]);
    await window.close();
  },
  LARGE_MS * (LARGE_MB / 300),
);
