// Story: files go only the way that the operator allows, stay in their folder whatever a viewer sends, cost no memory and never starve the picture.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { FileDrag } from "../harness/drop.ts";
import { isAlive } from "../harness/processes.ts";
import type { RawViewer } from "../harness/raw-viewer.ts";
import { until } from "../harness/until.ts";
import { FileStory } from "./file-story.ts";

const LARGE_MS = 300_000;
const ID = "00112233445566778899aabbccddeeff";
const PASSWORDS = { ENABLE_BASIC_AUTH: "true", BASIC_AUTH_PASSWORD: "master key", NOVNC_VIEWPASS: "eyes only" };
const story = new FileStory();

beforeEach(() => story.begin());
afterEach(() => story.close());

/** All of it in one piece, as the client does it. */
const put = (viewer: RawViewer, names: string, text: string, sizeBytes = text.length) =>
  viewer.ask(`files/up/${ID}/${sizeBytes}/ask/${names}`, {
    method: "PUT",
    body: text,
    headers: { "repr-digest": `sha-256=:${createHash("sha256").update(text).digest("base64")}:` },
  });

test.each([
  ["both", true],
  ["up", true],
  ["down", false],
  ["off", false],
])("EGLANTINE_FILES=%s holds whatever a viewer sends", async (ways, may) => {
  await story.open({ EGLANTINE_FILES: ways });
  const raw = await story.raw();
  expect(raw.hello.files).toMatchObject({ up: may, down: ways === "both" || ways === "down" });
  const answer = await put(raw, "one.txt", "one");
  expect(answer.status).toBe(may ? 204 : 403);
  expect((await raw.ask("files/folder/two", { method: "PUT" })).status).toBe(may ? 204 : 403);
  expect(story.names().sort()).toEqual(may ? ["one.txt", "two"] : []);
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
  await story.open();
  const viewer = await story.desktop.connect({ beforeClient: keepDrags });
  await (await FileDrag.begin(viewer.page, [story.write("mine.html", "<h1>mine</h1>")])).drop();
  await until("the file", () => story.names().includes("mine.html"));
  expect(new Set(await drags(viewer))).toEqual(
    new Set(["dragenter kept from it copy", "dragover kept from it copy", "drop kept from it copy"]),
  );
});

test("who may only watch puts nothing in, and a drop does not take the desktop's place", async () => {
  await story.open(PASSWORDS);
  const raw = await story.raw("eyes only");
  expect(raw.hello.files).toMatchObject({ up: false, down: false });
  expect((await put(raw, "one.txt", "one")).status).toBe(403);
  const viewer = await story.desktop.connect({ user: "user", password: "eyes only", beforeClient: keepDrags });
  const url = viewer.page.url();
  const drag = await FileDrag.begin(viewer.page, [story.write("mine.html", "<h1>mine</h1>")]);
  expect(await viewer.byTestId("drop-hint").count()).toBe(0);
  await drag.drop();
  // Where it may not be dropped there is no drop.
  expect(new Set(await drags(viewer))).toEqual(new Set(["dragenter kept from it none", "dragover kept from it none"]));
  await viewer.byTestId("toolbar-handle").click();
  await viewer.byTestId("toolbar").waitFor();
  expect(await viewer.byTestId("open-files").count()).toBe(0);
  expect([await viewer.state(), viewer.page.url()]).toEqual(["connected", url]);
  expect(story.names()).toEqual([]);
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
  await story.open();
  const raw = await story.raw();
  const { status, text } = await put(raw, path, "bad");
  expect([status, text.trim() === ""]).toEqual([400, false]);
  expect(story.names()).toEqual([]);
  expect(readdirSync(story.folder)).toEqual(["here"]);
});

test("links in the folder lead nowhere", async () => {
  const outside = join(story.folder, "outside");
  mkdirSync(story.there);
  mkdirSync(outside);
  symlinkSync(outside, join(story.there, "way-out"));
  symlinkSync(join(outside, "file"), join(story.there, `.eglantine-${ID}.part`));
  await story.open();
  const raw = await story.raw();
  expect((await put(raw, "way-out/bad.txt", "bad")).status).toBe(403);
  expect((await put(raw, "bad.txt", "bad")).status).toBe(409);
  expect(readdirSync(outside)).toEqual([]);
});

test("what is more than was announced, has no SHA-256 or another one, or no room, is refused in words", async () => {
  await story.open();
  const raw = await story.raw();
  const long = await put(raw, "long.txt", "longer than that", 5);
  expect([long.status, long.text]).toEqual([413, expect.stringContaining("5 bytes")]);
  const without = await raw.ask(`files/up/${ID}/3/ask/without.txt`, { method: "PUT", body: "abc" });
  expect([without.status, without.text]).toEqual([400, expect.stringContaining("SHA-256")]);
  const endless = await put(raw, "endless", "x", 9e15);
  expect([endless.status, endless.text]).toEqual([507, expect.stringContaining("room")]);
  expect(story.names().filter((name) => !name.startsWith("."))).toEqual([]);
  expect(story.desktop.agentIsAlive()).toBe(true);
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
    await story.open();
    const viewer = await story.desktop.connect();
    const window = await story.desktop.screen.openWindow(0, 0, 1000, 700, [60, 60, 60]);
    const path = join(story.folder, "large.bin");
    execFileSync("dd", ["if=/dev/urandom", `of=${path}`, "bs=1M", `count=${LARGE_MB}`], { stdio: "ignore" });
    const renderers = await story.desktop.browser.pids("renderer");
    // A spare one of Chromium's may end by itself; the viewer's own has something to do until the end.
    const memory = () =>
      [story.desktop.agent.pid, ...renderers].map((pid) => (isAlive(pid) ? privateMegabytes(pid) : 0));
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
    const state = () => row.getAttribute("data-state");
    for (let now = await state(); now !== "done"; now = await state(), pictures += 1) {
      expect(now).toBe("moving");
      const colour = colours[pictures % 2] ?? colours[0];
      await window.paint([...colour]);
      await viewer.waitForPixel(100, 600, [...colour], 30);
      memory().forEach((megabytes, at) => (most[at] = Math.max(most[at] ?? 0, megabytes)));
    }
    expect(pictures).toBeGreaterThan(5);
    // Buffers, and on a busy machine what is not yet collected; never as much as the file.
    for (const [at, megabytes] of most.entries()) expect(megabytes - (before[at] ?? 0)).toBeLessThan(200);
    expect(story.names()).toEqual(["large.bin"]);
    execFileSync("cmp", [path, join(story.there, "large.bin")]);
    await window.close();
  },
  LARGE_MS * (LARGE_MB / 300),
);
