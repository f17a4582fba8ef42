// Story: I copy files on one side and paste them on the other: what a program of the desktop copied I can download, and what I copied here a program
// of the desktop pastes.

import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DesktopClipboard } from "../harness/clipboard.ts";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { Terminal } from "../harness/terminal.ts";
import { until } from "../harness/until.ts";
import {
  copyFilesHere,
  fetchButton,
  FileStory,
  ownFile,
  pickOwn,
  row,
  sha256Of,
  tellFiles,
  untilState,
  withoutPickers,
} from "./file-story.ts";

const PASSWORDS = { ENABLE_BASIC_AUTH: "true", BASIC_AUTH_PASSWORD: "master key", NOVNC_VIEWPASS: "eyes only" };
const MB = 1e6;
const LARGE_MS = 120_000;
const story = new FileStory();
let programs: DesktopClipboard | undefined;
let terminal: Terminal | undefined;
/** Where the desktop's user has files that are no viewer's business. */
let home: string;

beforeEach(() => {
  story.begin();
  home = join(story.folder, "home");
  mkdirSync(home);
});
afterEach(async () => {
  programs?.close();
  programs = undefined;
  await terminal?.close();
  terminal = undefined;
  await story.close();
});

async function open(env: Readonly<Record<string, string>> = {}): Promise<DesktopClipboard> {
  const desktop = await story.open(env);
  desktop.repeatKeysAfter(10_000);
  programs = new DesktopClipboard(desktop.display);
  return programs;
}

const listOf = (...paths: readonly string[]) => paths.map((path) => `${pathToFileURL(path).href}\r\n`).join("");

function write(name: string, bytes: number | string): string {
  const path = join(home, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, typeof bytes === "string" ? bytes : Buffer.alloc(bytes, name));
  return path;
}

const copiedNotice = (viewer: DesktopPage) => viewer.byTestId("copied-notice");
const notice = (viewer: DesktopPage) => viewer.byTestId("notice").innerText();

test("a file that a program copies is offered and comes byte by byte, from any folder of the user's", async () => {
  const there = await open();
  const path = write("deep/Grüße #1.bin", 9 * MB);
  const viewer = await story.desktop.connect({ beforeClient: withoutPickers });
  await there.copy(listOf(path), "text/uri-list");
  await copiedNotice(viewer).waitFor();
  expect(await copiedNotice(viewer).innerText()).toContain("“Grüße #1.bin” was copied on the desktop");
  const coming = viewer.page.waitForEvent("download");
  await viewer.byTestId("copied-fetch").click();
  const download = await coming;
  expect(download.suggestedFilename()).toBe("Grüße #1.bin");
  expect(await sha256Of(await download.path())).toBe(await sha256Of(path));
  await untilState(viewer, "Grüße #1.bin", "done");
  expect(await copiedNotice(viewer).count()).toBe(0);
});

test("several files and folders come all together, as GNOME's programs tell of them too", async () => {
  const there = await open();
  const one = write("one.bin", MB);
  const deep = write("album/summer/deep.bin", MB);
  const viewer = await story.desktop.connect({ beforeClient: pickOwn });
  const gnome = ["copy", ...[one, join(home, "album")].map((path) => pathToFileURL(path).href)].join("\n");
  await there.copy(gnome, "x-special/gnome-copied-files");
  await copiedNotice(viewer).waitFor();
  expect(await copiedNotice(viewer).innerText()).toContain("2 files were copied");
  await viewer.byTestId("copied-fetch").click();
  await untilState(viewer, "one.bin", "done");
  await untilState(viewer, "album/summer/deep.bin", "done");
  expect((await ownFile(viewer, "one.bin"))?.hash).toBe(await sha256Of(one));
  expect((await ownFile(viewer, "album/summer/deep.bin"))?.hash).toBe(await sha256Of(deep));
});

test("the panel keeps them, one by one and folder by folder, with the reason of what can't be had", async () => {
  const there = await open();
  const one = write("one.txt", "one");
  write("album/two.txt", "two");
  symlinkSync("/etc/passwd", join(home, "link"));
  execFileSync("mkfifo", [join(home, "pipe")]);
  const list = listOf(one, join(home, "album"), join(home, "link"), join(home, "pipe"), "/dev/zero");
  const viewer = await story.desktop.connect({ beforeClient: withoutPickers });
  await there.copy(`${list}file://otherhost/etc/passwd\r\nfile:///home/../etc/shadow\r\n`, "text/uri-list");
  await copiedNotice(viewer).waitFor();
  await viewer.page.keyboard.press("Control+Alt+Shift+M");
  await viewer.byTestId("open-files").click();
  const panel = viewer.byTestId("copied-files");
  const entries = panel.getByTestId("desktop-entry");
  await until("the list", async () => (await entries.count()) === 2);
  expect(await entries.evaluateAll((all) => all.map((each) => each.dataset["name"]))).toEqual(["album", "one.txt"]);
  const reasons = (await panel.getByTestId("desktop-refused").allInnerTexts()).join("\n");
  for (const reason of [
    "link: On the desktop that is a link",
    "pipe: On the desktop that is neither",
    "another computer",
  ])
    expect(reasons).toContain(reason);
  expect(reasons).toContain("zero: It is the system's");
  expect(reasons).toContain("shadow: ");
  const coming = viewer.page.waitForEvent("download");
  await panel.getByRole("button", { name: "album/" }).click();
  await fetchButton(viewer, "two.txt").click();
  expect(readFileSync(await (await coming).path(), "utf8")).toBe("two");
});

test(
  "a download goes on in another session, while the same files are copied there",
  async () => {
    const there = await open();
    const path = write("through.bin", 60 * MB);
    const viewer = await story.desktop.connect({ beforeClient: pickOwn });
    await there.copy(listOf(path), "text/uri-list");
    await copiedNotice(viewer).waitFor();
    await viewer.byTestId("copied-fetch").click();
    const progress = row(viewer, "through.bin").getByRole("progressbar");
    await until("some of it", async () => Number(await progress.getAttribute("value")) > 5 * MB, { limitMs: 60_000 });
    await story.desktop.restartAgent();
    await untilState(viewer, "through.bin", "done", LARGE_MS - 30_000);
    expect((await ownFile(viewer, "through.bin"))?.hash).toBe(await sha256Of(path));
  },
  LARGE_MS,
);

test("a viewer gets what was copied and no other file, whatever it asks and whatever it says was copied", async () => {
  const there = await open();
  const one = write("one.txt", "one");
  write("secret", "secret");
  const raw = await story.raw();
  await there.copy(listOf(one), "text/uri-list");
  await until("what was copied", () => raw.find("clipboard")?.copied !== undefined);
  const { id = "" } = raw.find("clipboard")?.copied ?? {};
  expect((await raw.ask(`files/copied/${id}/down/one.txt`)).text).toBe("one");
  for (const path of ["secret", "../secret", "%2e%2e/secret", "..%2fsecret", "one.txt/..%2f..%2fsecret", "%00", ""]) {
    for (const kind of ["list", "down", "sha256"]) {
      if (kind === "list" && path === "") continue;
      const { status, text } = await raw.ask(`files/copied/${id}/${kind}/${path}`);
      expect([path, status >= 400 && status < 500, text.includes("secret\n")]).toEqual([path, true, false]);
    }
  }
  // A list of the viewer's own making, which a clipboard's watcher would give back as a program's.
  const list = [{ mime: "text/uri-list", sizeBytes: 20 }];
  raw.send({ type: "clipboard", serial: 1, types: [...list, { mime: "text/plain" }], text: "mine" });
  await until("mine", () => there.has("mine"));
  expect(await there.targets()).not.toContain("text/uri-list");
  const other = "0".repeat(32);
  expect((await raw.ask(`files/copied/${other}/list/`)).status).toBe(410);
  expect(story.desktop.agentIsAlive()).toBe(true);
});

test.each([
  [{ EGLANTINE_FILES: "up" }],
  [{ EGLANTINE_CLIPBOARD: "in" }],
  [{ ...PASSWORDS, EGLANTINE_CLIPBOARD_VIEW_ONLY: "true" }],
])("with %o a viewer is not told of files, and gets none", async (env) => {
  const there = await open(env);
  const one = write("one.txt", "one");
  const raw = await story.raw("ENABLE_BASIC_AUTH" in env ? "eyes only" : undefined);
  await there.copy(listOf(one), "text/uri-list");
  if (raw.hello.clipboard?.out === true) await until("the offer", () => raw.find("clipboard") !== undefined);
  expect(raw.find("clipboard")?.copied).toBeUndefined();
  expect((await raw.ask(`files/copied/${"0".repeat(32)}/list/`)).status).toBe(403);
});

test("a hundred thousand files that a program says it copied are refused in words, and harm nobody", async () => {
  const there = await open();
  const viewer = await story.desktop.connect();
  await there.copy("file:///home/x\r\n".repeat(100_000), "text/uri-list");
  await copiedNotice(viewer).waitFor();
  expect(await copiedNotice(viewer).innerText()).toContain("can't be downloaded");
  await there.copy("short", "UTF8_STRING");
  await copiedNotice(viewer).waitFor({ state: "detached" });
  expect(story.desktop.agentIsAlive()).toBe(true);
});

/** A terminal under the pointer that pastes with Ctrl+V. */
async function terminalUnderPointer(viewer: DesktopPage): Promise<Terminal> {
  terminal = await Terminal.start({ display: story.desktop.display, mode: "bytes", pasteKey: "Ctrl<Key>v" });
  await viewer.movePointer(300, 300);
  await until("the pointer over the terminal", async () => (await story.desktop.screen.pointer()).xPx === 300);
  return terminal;
}

const isHereLate = async (viewer: DesktopPage) =>
  (await viewer.byTestId("notice").count()) > 0 && (await notice(viewer)).includes("paste once more");
const stages = () => story.names().filter((name) => name.endsWith(".stage"));

test("files that I paste are pasted by that very key, as a file manager and as a terminal know them", async () => {
  const there = await open();
  const viewer = await story.desktop.connect({ beforeClient: tellFiles });
  const into = await terminalUnderPointer(viewer);
  await there.copy("older");
  // On a machine that is busy the first ones may take longer than a key waits.
  let names: readonly string[] = [];
  for (let round = 1; into.text() === "" && round <= 5; round += 1) {
    names = [`Grüße ${round}.txt`, `two ${round}.bin`];
    await copyFilesHere(viewer, Object.fromEntries(names.map((name) => [name, 1000])));
    await viewer.page.keyboard.press("Control+v");
    await until("their paths, or a word about them", async () => into.text() !== "" || (await isHereLate(viewer)));
    if (into.text() === "") await viewer.byTestId("notice").getByRole("button").click();
  }
  await until("all their paths", () => names.every((name) => into.text().includes(name)));
  expect(into.text()).not.toContain("older");
  const addresses = String(await there.paste("text/uri-list"))
    .trim()
    .split("\r\n");
  const paths = addresses.map((address) => fileURLToPath(address));
  expect(new Set(paths.map((path) => path.split("/").at(-1)))).toEqual(new Set(names));
  expect(into.text()).toBe(paths.join("\n"));
  expect(String(await there.paste("x-special/gnome-copied-files"))).toBe(["copy", ...addresses].join("\n"));
  for (const path of paths) expect(/^x{1000}$/.test(readFileSync(path, "utf8"))).toBe(true);
  const before = stages();
  // The same again is pasted without another transfer.
  await viewer.page.keyboard.press("Control+v");
  await until("them twice", () => into.text() === paths.join("\n").repeat(2));
  expect(stages()).toEqual(before);
});

test("files that take longer are pasted by the next key, which I am told of; the first one pastes nothing old", async () => {
  const there = await open();
  const viewer = await story.desktop.connect({ beforeClient: tellFiles });
  const into = await terminalUnderPointer(viewer);
  await there.copy("older");
  let goOn = (): void => undefined;
  const gate = new Promise<void>((resolve) => (goOn = resolve));
  await viewer.page.route("**/transfer/files/**", async (route) => {
    if (route.request().method() === "PUT") await gate;
    await route.continue();
  });
  await copyFilesHere(viewer, { "slow.bin": 1000 });
  await viewer.page.keyboard.press("Control+v");
  await until("the sentence", async () => (await notice(viewer)).includes("on their way"));
  await viewer.byTestId("files-panel").waitFor();
  await viewer.type("z");
  await until("the keys behind it", () => into.text().includes("z"));
  expect(into.text()).toBe("z");
  goOn();
  await until("the other sentence", async () => (await notice(viewer)).includes("paste once more"));
  await viewer.page.keyboard.press("Control+v");
  await until("its path", () => into.text().endsWith("/slow.bin"));
});

test("what was pasted goes when something else is copied, or with its viewer", async () => {
  const there = await open();
  const viewer = await story.desktop.connect({ beforeClient: tellFiles });
  const paste = async (name: string) => {
    await copyFilesHere(viewer, { [name]: 10 });
    await viewer.page.keyboard.press("Control+v");
    await until("the list", async () => (await there.targets()).includes("text/uri-list"));
    expect(readdirSync(join(story.there, stages()[0] ?? ""))).toEqual([name]);
  };
  await paste("one.txt");
  await there.copy("something else");
  await until("nothing of it", () => stages().length === 0);
  await paste("two.txt");
  await viewer.page.close();
  await until("nothing of that either", () => stages().length === 0);
  expect(await there.targets()).not.toContain("text/uri-list");
  // Nothing of it lies in the user's folder.
  expect(story.names()).toEqual([]);
});

test("names and places that a viewer makes up are refused, and its files stay out of the clipboard without leave", async () => {
  const there = await open();
  await there.copy("older");
  const raw = await story.raw();
  const stage = "ab".repeat(16);
  const put = (path: string) => raw.ask(path, { method: "PUT" });
  for (const path of [
    `files/stage/../up/${stage}/0/replace/x`,
    `files/stage/short/up/${stage}/0/replace/x`,
    `files/stage/${stage}/up/${stage}/0/replace/..%2fx`,
    `files/stage/${stage}/folder/%2e%2e/x`,
  ])
    expect([path, (await put(path)).status]).toEqual([path, 400]);
  for (const kind of ["list/", "down/x", "sha256/x"])
    expect((await raw.ask(`files/stage/${stage}/${kind}`)).status).toBe(404);
  raw.send({ type: "clipboard", serial: 1, types: [], files: { stage, here: true } });
  await until("the reason", () => raw.find("notice")?.text.includes("not on the desktop") === true);
  expect(await there.has("older")).toBe(true);
  expect(story.names()).toEqual([]);
});

test.each([
  [{ EGLANTINE_FILES: "down" }, undefined],
  [PASSWORDS, "eyes only"],
])("with %o no files are pasted", async (env, password) => {
  const there = await open(env);
  await there.copy("older");
  const raw = await story.raw(password);
  const stage = "ab".repeat(16);
  expect((await raw.ask(`files/stage/${stage}/folder/x`, { method: "PUT" })).status).toBe(403);
  mkdirSync(join(story.there, `.eglantine-${stage}.stage`), { recursive: true });
  writeFileSync(join(story.there, `.eglantine-${stage}.stage`, "x"), "x");
  raw.send({ type: "clipboard", serial: 1, types: [], files: { stage, here: true } });
  await until("the reason", () => raw.find("notice")?.text.includes("EGLANTINE_") === true);
  expect(await there.has("older")).toBe(true);
});
