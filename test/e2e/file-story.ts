// What the stories of files have in common: a folder of the viewer's computer and one of the desktop, the desktop itself, and the panel's rows. One for each
// test file: `begin` before and `close` after each test.

import { createHash, randomBytes } from "node:crypto";
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DesktopPage, DesktopPageOptions } from "../harness/desktop-page.ts";
import { FileDrag } from "../harness/drop.ts";
import { RawViewer } from "../harness/raw-viewer.ts";
import { until } from "../harness/until.ts";
import { Desktop, type DesktopOptions } from "./desktop.ts";

export class FileStory {
  /** Both others are in it. */
  folder = "";
  /** Of the viewer's computer. */
  here = "";
  /** The desktop's, for files; not made. */
  there = "";
  #desktop: Desktop | undefined;
  readonly #raws: RawViewer[] = [];

  begin(): void {
    this.folder = mkdtempSync(join(tmpdir(), "eglantine-files-"));
    this.here = join(this.folder, "here");
    this.there = join(this.folder, "there");
    mkdirSync(this.here);
  }

  get desktop(): Desktop {
    if (this.#desktop === undefined) throw new Error("there is no desktop yet");
    return this.#desktop;
  }

  async open(env: Readonly<Record<string, string>> = {}, options: DesktopOptions = {}): Promise<Desktop> {
    this.#desktop = await Desktop.open({ ...options, env: { EGLANTINE_FILES_DIR: this.there, ...env } });
    return this.#desktop;
  }

  async connect(options: DesktopPageOptions = {}, env: Readonly<Record<string, string>> = {}): Promise<DesktopPage> {
    await this.open(env);
    return this.desktop.connect(options);
  }

  /** A viewer that asks whatever a test likes. */
  async raw(password?: string): Promise<RawViewer> {
    const raw = await RawViewer.connect(this.desktop.url, password);
    this.#raws.push(raw);
    return raw;
  }

  async close(): Promise<void> {
    for (const raw of this.#raws.splice(0)) raw.close();
    await this.#desktop?.close();
    this.#desktop = undefined;
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A file of the viewer's computer. So many bytes of noise, or this text. */
  write(name: string, bytes: number | string): string {
    return writeAt(join(this.here, name), bytes);
  }

  /** A file in the desktop's folder. */
  writeThere(name: string, bytes: number | string): string {
    return writeAt(join(this.there, name), bytes);
  }

  /** Of the desktop's folder, hidden ones too. */
  names(path = this.there): string[] {
    return existsSync(path) ? readdirSync(path).sort() : [];
  }

  text(name: string): string {
    return readFileSync(join(this.there, name), "utf8");
  }
}

function writeAt(path: string, bytes: number | string): string {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, typeof bytes === "string" ? bytes : randomBytes(bytes));
  return path;
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

export const drop = async (viewer: DesktopPage, ...paths: readonly string[]) =>
  (await FileDrag.begin(viewer.page, paths)).drop();

/** Of the panel. */
export const row = (viewer: DesktopPage, name: string) =>
  viewer.page.locator(`[data-testid="file"][data-name="${name}"]`);

export const stateOf = async (viewer: DesktopPage, name: string) =>
  (await row(viewer, name).count()) === 0 ? undefined : row(viewer, name).getAttribute("data-state");

export const untilState = (viewer: DesktopPage, name: string, state: string, limitMs = 60_000) =>
  until(`${name} ${state}`, async () => (await stateOf(viewer, name)) === state, { limitMs });

export const fetchButton = (viewer: DesktopPage, name: string) =>
  viewer.page.getByRole("button", { name: `Download ${name}`, exact: true });

/** Runs in the page: a browser that lets no page write files. */
export function withoutPickers(): void {
  Object.assign(window, { showSaveFilePicker: undefined, showDirectoryPicker: undefined });
}

/** Runs in the page: what the user picks is in the page's own file system, since nobody can click in the browser's dialog. */
export function pickOwn(): void {
  Object.assign(window, {
    showSaveFilePicker: async ({ suggestedName }: { suggestedName: string }) =>
      (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true }),
    showDirectoryPicker: () => navigator.storage.getDirectory(),
  });
}

/** Of a file in the page's own file system; undefined: it is not there. */
export const ownFile = (viewer: DesktopPage, path: string) =>
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

/** Runs in the page: its browser tells of files that were copied in a file manager, which a page can't copy itself. `copyFiles` names them. */
export function tellFiles(): void {
  const told = new WeakSet<Event>();
  Object.assign(globalThis, { eglantineTestFiles: [] });
  const tell = (event: ClipboardEvent) => {
    const files = Reflect.get(globalThis, "eglantineTestFiles") as File[];
    if (told.has(event) || files.length === 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const clipboardData = new DataTransfer();
    for (const file of files) clipboardData.items.add(file);
    const again = new ClipboardEvent("paste", { clipboardData, cancelable: true });
    told.add(again);
    window.dispatchEvent(again);
  };
  window.addEventListener("paste", tell, { capture: true });
}

/** The viewer copies files in a program of its computer: their names and how many bytes each has, all of them `x`. Needs `tellFiles`. */
export const copyFilesHere = (viewer: DesktopPage, files: Readonly<Record<string, number>>) =>
  viewer.page.evaluate((wanted) => {
    const made = Object.entries(wanted).map(
      ([name, bytes]) => new File([new Uint8Array(bytes).fill(120)], name, { lastModified: 1 }),
    );
    Object.assign(globalThis, { eglantineTestFiles: made });
  }, files);
