// Story: I see what is in the desktop's folder for files, and fetch it: whole, checked, whatever happens on the way.

import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DesktopPage, DesktopPageOptions } from "../harness/desktop-page.ts";
import { RawViewer } from "../harness/raw-viewer.ts";
import { until } from "../harness/until.ts";
import { Desktop } from "./desktop.ts";

const MB = 1e6;
const LARGE_MS = 180_000;
let folder: string;
let there: string;
let desktop: Desktop;
let raw: RawViewer | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "eglantine-files-"));
  there = join(folder, "there");
  mkdirSync(there);
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

/** Runs in the page: a browser that lets no page write files. */
function withoutPickers(): void {
  Object.assign(window, { showSaveFilePicker: undefined, showDirectoryPicker: undefined });
}

/** Runs in the page: what the user picks is in the page's own file system, since nobody can click in the browser's dialog. */
function pickOwn(): void {
  Object.assign(window, {
    showSaveFilePicker: async ({ suggestedName }: { suggestedName: string }) =>
      (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true }),
    showDirectoryPicker: () => navigator.storage.getDirectory(),
  });
}

async function connectToPanel(options: DesktopPageOptions): Promise<DesktopPage> {
  const viewer = await desktop.connect(options);
  await viewer.page.keyboard.press("Control+Alt+Shift+M");
  await viewer.byTestId("open-files").click();
  await viewer.byTestId("desktop-folder").waitFor();
  return viewer;
}

function write(name: string, bytes: number | string): string {
  const path = join(there, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, typeof bytes === "string" ? bytes : randomBytes(bytes));
  return path;
}

const sha256 = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");
const row = (viewer: DesktopPage, name: string) => viewer.page.locator(`[data-testid="file"][data-name="${name}"]`);
const untilState = (viewer: DesktopPage, name: string, state: string, limitMs = 60_000) =>
  until(
    `${name} ${state}`,
    async () => (await row(viewer, name).count()) > 0 && (await row(viewer, name).getAttribute("data-state")) === state,
    { limitMs },
  );
const fetchButton = (viewer: DesktopPage, name: string) =>
  viewer.page.getByRole("button", { name: `Download ${name}`, exact: true });

/** Of a file in the page's own file system; undefined: it is not there. */
const ownFile = (viewer: DesktopPage, path: string) =>
  viewer.page.evaluate(async (wanted) => {
    const names = wanted.split("/");
    let at = await navigator.storage.getDirectory();
    try {
      for (const name of names.slice(0, -1)) at = await at.getDirectoryHandle(name);
      const file = await (await at.getFileHandle(names.at(-1) ?? "")).getFile();
      const hash = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
      return {
        bytes: file.size,
        hash: [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
      };
    } catch (error) {
      if (error instanceof DOMException) return undefined;
      throw error;
    }
  }, path);

test("the panel lists files and folders, and a file comes byte by byte", async () => {
  await open();
  const path = write("Grüße, мир.bin", 9 * MB);
  write("album/summer/one.txt", "one");
  symlinkSync("/etc/passwd", join(there, "link"));
  execFileSync("mkfifo", [join(there, "pipe")]);
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
  expect(sha256(await download.path())).toBe(sha256(path));
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
    await open();
    const path = write("through.bin", 60 * MB);
    const viewer = await connectToPanel({ beforeClient: pickOwn });
    const ranges: (string | undefined)[] = [];
    viewer.page.on("request", (request) => {
      if (request.url().includes("/files/down/")) ranges.push(request.headers()["range"]);
    });
    await fetchButton(viewer, "through.bin").click();
    const progress = row(viewer, "through.bin").getByRole("progressbar");
    await until("some of it", async () => Number(await progress.getAttribute("value")) > 5 * MB, { limitMs: 60_000 });
    await desktop.restartAgent();
    await untilState(viewer, "through.bin", "done", LARGE_MS - 30_000);
    expect(await ownFile(viewer, "through.bin")).toEqual({ bytes: 60 * MB, hash: sha256(path) });
    expect(ranges[0]).toBeUndefined();
    expect(ranges.at(-1)).toMatch(/^bytes=[1-9]\d*-$/);
  },
  LARGE_MS,
);

test(
  "a download is paused, and goes on where it was; one that is given up leaves nothing",
  async () => {
    await open();
    const path = write("long.bin", 60 * MB);
    const viewer = await connectToPanel({ beforeClient: pickOwn });
    await fetchButton(viewer, "long.bin").click();
    await row(viewer, "long.bin").getByRole("button", { name: "Pause" }).click();
    await untilState(viewer, "long.bin", "paused");
    expect((await ownFile(viewer, "long.bin"))?.bytes ?? 0).toBe(0);
    await row(viewer, "long.bin").getByRole("button", { name: "Go on" }).click();
    await untilState(viewer, "long.bin", "done", 120_000);
    expect((await ownFile(viewer, "long.bin"))?.hash).toBe(sha256(path));
    write("other.bin", 60 * MB);
    await viewer.page.getByRole("navigation").getByRole("button").first().click();
    await fetchButton(viewer, "other.bin").click();
    await row(viewer, "other.bin").getByRole("button", { name: "Give up" }).click();
    await row(viewer, "other.bin").waitFor({ state: "detached" });
    expect((await ownFile(viewer, "other.bin"))?.bytes ?? 0).toBe(0);
  },
  LARGE_MS,
);

test("a whole folder comes as the files that are in it", async () => {
  await open();
  const path = write("album/summer/one.bin", MB);
  write("album/two.txt", "two");
  const viewer = await connectToPanel({ beforeClient: pickOwn });
  await viewer.page.getByRole("button", { name: "Download the folder album" }).click();
  await untilState(viewer, "album/summer/one.bin", "done");
  await untilState(viewer, "album/two.txt", "done");
  expect((await ownFile(viewer, "album/summer/one.bin"))?.hash).toBe(sha256(path));
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
  await open();
  const path = write("fragile.bin", MB);
  const viewer = await connectToPanel({ beforeClient: spoilFirst });
  let downloads = 0;
  viewer.page.on("download", () => (downloads += 1));
  await fetchButton(viewer, "fragile.bin").click();
  await untilState(viewer, "fragile.bin", "failed");
  expect(await row(viewer, "fragile.bin").innerText()).toContain("not what the desktop has");
  expect(downloads).toBe(0);
  const coming = viewer.page.waitForEvent("download");
  await row(viewer, "fragile.bin").getByRole("button", { name: "again" }).click();
  expect(sha256(await (await coming).path())).toBe(sha256(path));
});

test.each([
  ["both", 200],
  ["down", 200],
  ["up", 403],
  ["off", 403],
])("EGLANTINE_FILES=%s holds whatever a viewer asks", async (ways, status) => {
  await open({ EGLANTINE_FILES: ways });
  write("one.txt", "one");
  raw = await RawViewer.connect(desktop.url);
  for (const path of ["list/", "down/one.txt", "sha256/one.txt"])
    expect((await raw.ask(`files/${path}`)).status).toBe(status);
});

test("who may only watch sees and gets nothing", async () => {
  await open({ ENABLE_BASIC_AUTH: "true", BASIC_AUTH_PASSWORD: "master key", NOVNC_VIEWPASS: "eyes only" });
  write("one.txt", "one");
  raw = await RawViewer.connect(desktop.url, "eyes only");
  for (const path of ["list/", "down/one.txt", "sha256/one.txt"])
    expect((await raw.ask(`files/${path}`)).status).toBe(403);
});

test("what is outside of the folder, a link, a pipe or no name is never told", async () => {
  await open();
  writeFileSync(join(folder, "secret"), "secret");
  symlinkSync(join(folder, "secret"), join(there, "link"));
  symlinkSync(folder, join(there, "way-out"));
  execFileSync("mkfifo", [join(there, "pipe")]);
  write(".eglantine-part", "half");
  raw = await RawViewer.connect(desktop.url);
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
  expect(desktop.agentIsAlive()).toBe(true);
});

test("a file that changes while it is fetched is another one: nothing is patched together", async () => {
  await open();
  const path = write("one.bin", MB);
  raw = await RawViewer.connect(desktop.url);
  const { headers } = await raw.ask("files/down/one.bin", { method: "HEAD" });
  truncateSync(path, 1000);
  const rest = await raw.ask("files/down/one.bin", {
    headers: { range: "bytes=500-", "if-range": headers.etag ?? "" },
  });
  expect([rest.status, rest.headers["content-length"]]).toEqual([200, "1000"]);
});
