// Story: in the desktop application files that are copied on the desktop are real files of my computer's clipboard, and those of my clipboard are pasted there. The page and
// the plain part of the shell are real; Electron's own part is stood in for, as its document describes it.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DesktopClipboard as ShellClipboard } from "../../apps/client/src/main/clipboard.ts";
import { CopiedFiles } from "../../apps/client/src/main/copied-files.ts";
import { DesktopClipboard } from "../harness/clipboard.ts";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { until } from "../harness/until.ts";
import { copyFilesHere, FileStory, sha256Of, tellFiles } from "./file-story.ts";

const MB = 1e6;
const story = new FileStory();
let temporary: string;
let programs: DesktopClipboard | undefined;
/** Of this computer, by format. */
let here: Readonly<Record<string, Blob>>;
let shell: { readonly clipboard: ShellClipboard<Item>; readonly copied: CopiedFiles };

class Item {
  readonly types: string[];
  readonly #parts: Readonly<Record<string, Blob>>;

  constructor(parts: Readonly<Record<string, Blob>>) {
    this.#parts = parts;
    this.types = Object.keys(parts);
    here = parts;
  }

  getType(type: string): Promise<Blob> {
    const part = this.#parts[type];
    return part === undefined ? Promise.reject(new Error("not there")) : Promise.resolve(part);
  }
}

beforeEach(() => {
  story.begin();
  temporary = mkdtempSync(join(tmpdir(), "eglantine-shell-"));
  here = {};
  const clipboard = new ShellClipboard<Item>(
    { read: () => Promise.resolve([new Item(here)]), write: () => Promise.resolve() },
    (parts) => new Item(parts),
  );
  const put = (paths: readonly string[]) => clipboard.writeFiles("linux", paths);
  const show = () => Promise.reject(new Error("there is a clipboard"));
  shell = { clipboard, copied: new CopiedFiles({ folder: temporary, put, show }) };
});
afterEach(async () => {
  programs?.close();
  programs = undefined;
  await story.close();
  rmSync(temporary, { recursive: true, force: true });
});

/** Runs in the page, before the client: what the preload would put there. Bytes go as base64 to the test. */
function bridge(): void {
  const call = Reflect.get(globalThis, "eglantineTestCall") as (name: string, parameter: unknown) => Promise<unknown>;
  const base64 = (bytes: Uint8Array): string => {
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  };
  const names = ["readSettings", "writeSettings", "readClipboard", "writeClipboard", "copyFiles", "dropFiles"];
  const calls = names.map((name) => [name, (parameter: unknown) => call(name, parameter ?? null)]);
  Object.assign(window, {
    eglantine: {
      platform: "linux",
      on: () => () => undefined,
      setStreaming: () => Promise.resolve(),
      holdKeys: () => Promise.resolve(),
      showNotification: () => Promise.resolve(),
      countFreeScreens: () => Promise.resolve(0),
      openQuestions: () => Promise.resolve([]),
      ...Object.fromEntries(calls),
      storeFile: ({ bytes, ...piece }: { bytes: Uint8Array }) => call("storeFile", { ...piece, base64: base64(bytes) }),
      tellPaste: () => Promise.resolve(void window.dispatchEvent(new ClipboardEvent("paste", { cancelable: true }))),
    },
  });
}

async function open(): Promise<DesktopPage> {
  const desktop = await story.open();
  desktop.repeatKeysAfter(10_000);
  programs = new DesktopClipboard(desktop.display);
  const answer = async (name: string, parameter: unknown): Promise<unknown> => {
    if (name === "readSettings") return {};
    if (name === "readClipboard") return { ...(await shell.clipboard.read()), png: undefined };
    if (name === "copyFiles") return shell.copied.copy(parameter);
    if (name === "dropFiles") return shell.copied.drop(parameter);
    if (name !== "storeFile") return undefined;
    const { base64, ...piece } = parameter as { base64: string };
    return shell.copied.store({ ...piece, bytes: new Uint8Array(Buffer.from(base64, "base64")) });
  };
  return desktop.connect({
    // The application has no agent of its own.
    query: { url: desktop.url },
    beforePage: async (page) => {
      await page.exposeFunction("eglantineTestCall", answer);
      await page.addInitScript(tellFiles);
      await page.addInitScript(bridge);
    },
  });
}

const listOf = (...paths: readonly string[]) => paths.map((path) => `${pathToFileURL(path).href}\r\n`).join("");

/** Paths of the files that another program of this computer would paste now. */
async function pastedHere(): Promise<readonly string[]> {
  const list = await here['electron application/osclipboard;format="text/uri-list"']?.text();
  return (list ?? "")
    .split("\r\n")
    .filter((line) => line !== "")
    .map((line) => fileURLToPath(line));
}

test("small files that a program of the desktop copies are on my clipboard by themselves, as files", async () => {
  const viewer = await open();
  const path = join(story.folder, "home", "Grüße.bin");
  mkdirSync(join(path, ".."));
  writeFileSync(path, Buffer.alloc(9 * MB, "some"));
  writeFileSync(join(story.folder, "home", "two.txt"), "two");
  await programs?.copy(listOf(path, join(story.folder, "home", "two.txt")), "text/uri-list");
  await until("them here", async () => (await pastedHere()).length === 2);
  const [big = "", small = ""] = (await pastedHere()).toSorted((a, b) => a.localeCompare(b));
  expect(big.startsWith(temporary)).toBe(true);
  expect(await sha256Of(big)).toBe(await sha256Of(path));
  expect(readFileSync(small, "utf8")).toBe("two");
  await until("a word", async () => (await viewer.byTestId("notice").innerText()).includes("on your clipboard"));
});

test("large files and folders come when I say so", async () => {
  const viewer = await open();
  const album = join(story.folder, "home", "album");
  mkdirSync(join(album, "summer"), { recursive: true });
  writeFileSync(join(album, "summer", "one.txt"), "one");
  await programs?.copy(listOf(album), "text/uri-list");
  await viewer.byTestId("copied-fetch").click();
  await until("it here", async () => (await pastedHere()).length === 1);
  const [folder = ""] = await pastedHere();
  expect(readFileSync(join(folder, "summer", "one.txt"), "utf8")).toBe("one");
});

test("files of my clipboard are pasted on the desktop", async () => {
  const viewer = await open();
  await copyFilesHere(viewer, { "mine.txt": 10 });
  here = { "text/uri-list": new Blob([listOf("/home/me/mine.txt")]) };
  await viewer.page.keyboard.press("Control+v");
  await until("them there", async () => (await programs?.targets())?.includes("text/uri-list") === true);
  const [address = ""] = String(await programs?.paste("text/uri-list")).split("\r\n");
  expect(readFileSync(fileURLToPath(address), "utf8")).toBe("x".repeat(10));
});
