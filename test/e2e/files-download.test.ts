// Story: I see what is in the desktop's folder for files, and fetch it: whole, checked, whatever happens on the way.

import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DesktopPage, DesktopPageOptions } from "../harness/desktop-page.ts";
import { until } from "../harness/until.ts";
import { fetchButton, FileStory, ownFile, pickOwn, row, sha256Of, untilState, withoutPickers } from "./file-story.ts";

const MB = 1e6;
const LARGE_MS = 180_000;
const story = new FileStory();

beforeEach(() => {
  story.begin();
  mkdirSync(story.there);
});
afterEach(() => story.close());

async function connectToPanel(options: DesktopPageOptions): Promise<DesktopPage> {
  const viewer = await story.desktop.connect(options);
  await viewer.page.keyboard.press("Control+Alt+Shift+M");
  await viewer.byTestId("open-files").click();
  await viewer.byTestId("desktop-folder").waitFor();
  return viewer;
}

test("the panel lists files and folders, and a file comes byte by byte", async () => {
  await story.open();
  const path = story.writeThere("Grüße, мир.bin", 9 * MB);
  story.writeThere("album/summer/one.txt", "one");
  symlinkSync("/etc/passwd", join(story.there, "link"));
  execFileSync("mkfifo", [join(story.there, "pipe")]);
  const viewer = await connectToPanel({ beforeClient: withoutPickers });
  const entries = viewer.byTestId("desktop-entry");
  await until("the list", async () => (await entries.count()) > 0);
  expect(await entries.evaluateAll((all) => all.map((one) => one.dataset["name"]))).toEqual([
    "album",
    "Grüße, мир.bin",
  ]);
  const coming = viewer.page.waitForEvent("download");
  await fetchButton(viewer, "Grüße, мир.bin").click();
  const download = await coming;
  expect(download.suggestedFilename()).toBe("Grüße, мир.bin");
  expect(await sha256Of(await download.path())).toBe(await sha256Of(path));
  await untilState(viewer, "Grüße, мир.bin", "done");
  await viewer.page.getByRole("button", { name: "album/" }).click();
  await viewer.page.getByRole("button", { name: "summer/" }).click();
  await fetchButton(viewer, "one.txt").waitFor();
  await viewer.page.getByRole("navigation").getByRole("button").first().click();
  await fetchButton(viewer, "Grüße, мир.bin").waitFor();
});

test(
  "a download that an agent that is started anew interrupts goes on by itself, where it was",
  async () => {
    await story.open();
    const path = story.writeThere("through.bin", 60 * MB);
    const viewer = await connectToPanel({ beforeClient: pickOwn });
    const ranges: (string | undefined)[] = [];
    viewer.page.on("request", (request) => {
      if (request.url().includes("/files/down/")) ranges.push(request.headers()["range"]);
    });
    await fetchButton(viewer, "through.bin").click();
    const progress = row(viewer, "through.bin").getByRole("progressbar");
    await until("some of it", async () => Number(await progress.getAttribute("value")) > 5 * MB, { limitMs: 60_000 });
    await story.desktop.restartAgent();
    await untilState(viewer, "through.bin", "done", LARGE_MS - 30_000);
    expect(await ownFile(viewer, "through.bin")).toEqual({ bytes: 60 * MB, hash: await sha256Of(path) });
    expect(ranges[0]).toBeUndefined();
    expect(ranges.at(-1)).toMatch(/^bytes=[1-9]\d*-$/);
  },
  LARGE_MS,
);

test(
  "a download is paused, and goes on where it was; one that is given up leaves nothing",
  async () => {
    await story.open();
    const path = story.writeThere("long.bin", 60 * MB);
    const viewer = await connectToPanel({ beforeClient: pickOwn });
    await fetchButton(viewer, "long.bin").click();
    await row(viewer, "long.bin").getByRole("button", { name: "Pause" }).click();
    await untilState(viewer, "long.bin", "paused");
    expect((await ownFile(viewer, "long.bin"))?.bytes ?? 0).toBe(0);
    await row(viewer, "long.bin").getByRole("button", { name: "Go on" }).click();
    await untilState(viewer, "long.bin", "done", 120_000);
    expect((await ownFile(viewer, "long.bin"))?.hash).toBe(await sha256Of(path));
    story.writeThere("other.bin", 60 * MB);
    await viewer.page.getByRole("navigation").getByRole("button").first().click();
    await fetchButton(viewer, "other.bin").click();
    await row(viewer, "other.bin").getByRole("button", { name: "Give up" }).click();
    await row(viewer, "other.bin").waitFor({ state: "detached" });
    expect((await ownFile(viewer, "other.bin"))?.bytes ?? 0).toBe(0);
  },
  LARGE_MS,
);

test("a whole folder comes as the files that are in it", async () => {
  await story.open();
  const path = story.writeThere("album/summer/one.bin", MB);
  story.writeThere("album/two.txt", "two");
  const viewer = await connectToPanel({ beforeClient: pickOwn });
  await viewer.page.getByRole("button", { name: "Download the folder album" }).click();
  await untilState(viewer, "album/summer/one.bin", "done");
  await untilState(viewer, "album/two.txt", "done");
  expect((await ownFile(viewer, "album/summer/one.bin"))?.hash).toBe(await sha256Of(path));
  expect((await ownFile(viewer, "album/two.txt"))?.bytes).toBe(3);
});

/** Runs in the page: of the bytes that come, one is another. */
function spoilFirst(): void {
  const native = window.fetch;
  let spoilt = false;
  window.fetch = async (input, init) => {
    const response = await native(input, init);
    if (spoilt || !(input instanceof URL) || !input.pathname.includes("/files/down/")) return response;
    spoilt = true;
    const bytes = new Uint8Array(await response.arrayBuffer());
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    return new Response(bytes, { status: response.status, headers: response.headers });
  };
  Object.assign(window, { showSaveFilePicker: undefined });
}

test("bytes that change on the way never get the name", async () => {
  await story.open();
  const path = story.writeThere("fragile.bin", MB);
  const viewer = await connectToPanel({ beforeClient: spoilFirst });
  let downloads = 0;
  viewer.page.on("download", () => (downloads += 1));
  await fetchButton(viewer, "fragile.bin").click();
  await untilState(viewer, "fragile.bin", "failed");
  expect(await row(viewer, "fragile.bin").innerText()).toContain("not what the desktop has");
  expect(downloads).toBe(0);
  const coming = viewer.page.waitForEvent("download");
  await row(viewer, "fragile.bin").getByRole("button", { name: "again" }).click();
  expect(await sha256Of(await (await coming).path())).toBe(await sha256Of(path));
});

test.each([
  ["both", 200],
  ["down", 200],
  ["up", 403],
  ["off", 403],
])("EGLANTINE_FILES=%s holds whatever a viewer asks", async (ways, status) => {
  await story.open({ EGLANTINE_FILES: ways });
  story.writeThere("one.txt", "one");
  const raw = await story.raw();
  for (const path of ["list/", "down/one.txt", "sha256/one.txt"])
    expect((await raw.ask(`files/${path}`)).status).toBe(status);
});

test("who may only watch sees and gets nothing", async () => {
  await story.open({ ENABLE_BASIC_AUTH: "true", BASIC_AUTH_PASSWORD: "master key", NOVNC_VIEWPASS: "eyes only" });
  story.writeThere("one.txt", "one");
  const raw = await story.raw("eyes only");
  for (const path of ["list/", "down/one.txt", "sha256/one.txt"])
    expect((await raw.ask(`files/${path}`)).status).toBe(403);
});

test("what is outside of the folder, a link, a pipe or no name is never told", async () => {
  await story.open();
  writeFileSync(join(story.folder, "secret"), "secret");
  symlinkSync(join(story.folder, "secret"), join(story.there, "link"));
  symlinkSync(story.folder, join(story.there, "way-out"));
  execFileSync("mkfifo", [join(story.there, "pipe")]);
  story.writeThere(".eglantine-part", "half");
  const raw = await story.raw();
  const paths = [
    "../secret",
    "%2e%2e/secret",
    "..%2fsecret",
    "link",
    "way-out/secret",
    "pipe",
    "",
    "a%00",
    "none",
    "%ff",
  ];
  for (const path of paths) {
    for (const kind of ["down", "sha256"]) {
      const { status, text } = await raw.ask(`files/${kind}/${path}`);
      expect([path, status >= 400 && status < 500, text.includes("secret")]).toEqual([path, true, false]);
    }
  }
  for (const path of ["..", "%2e%2e", "way-out", "link", "none"]) {
    expect((await raw.ask(`files/list/${path}`)).status).toBeGreaterThanOrEqual(400);
  }
  expect(JSON.parse((await raw.ask("files/list/")).text)).toEqual({ entries: [], more: false });
  expect(story.desktop.agentIsAlive()).toBe(true);
});

test("a file that changes while it is fetched is another one: nothing is patched together", async () => {
  await story.open();
  const path = story.writeThere("one.bin", MB);
  const raw = await story.raw();
  const { headers } = await raw.ask("files/down/one.bin", { method: "HEAD" });
  truncateSync(path, 1000);
  const rest = await raw.ask("files/down/one.bin", {
    headers: { range: "bytes=500-", "if-range": headers.etag ?? "" },
  });
  expect([rest.status, rest.headers["content-length"]]).toEqual([200, "1000"]);
});
