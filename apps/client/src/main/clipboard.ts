// This computer's clipboard for the page, without asking anybody: the application's window is the user's own. Plain but for Electron's
// clipboard, which `main.ts` hands in. Called by `bridge-host.ts`; shapes are those of `shared/clipboard.ts`.

import { fileFormats, holdsFiles } from "./file-clipboard.ts";
import { readShellClipboard, type ShellClipboard } from "../shared/clipboard.ts";

const TYPES = { text: "text/plain", html: "text/html", png: "image/png" } as const;

/** The part of Electron's `ClipboardItem` and `clipboard` that is used; modelled after the web's. */
interface Item {
  readonly types: string[];
  getType(type: string): Promise<unknown>;
}

export interface ElectronClipboard<Written> {
  read(): Promise<Item[]>;
  write(items: Written[]): Promise<void>;
}

export class DesktopClipboard<Written> {
  readonly #clipboard: ElectronClipboard<Written>;
  readonly #itemOf: (parts: Record<string, Blob>) => Written;

  constructor(clipboard: ElectronClipboard<Written>, itemOf: (parts: Record<string, Blob>) => Written) {
    this.#clipboard = clipboard;
    this.#itemOf = itemOf;
  }

  async read(): Promise<ShellClipboard> {
    const items = await this.#clipboard.read();
    const blob = async (type: string): Promise<Blob | undefined> => {
      const found = await items.find(({ types }) => types.includes(type))?.getType(type);
      return found instanceof Blob ? found : undefined;
    };
    const [text, html, png] = await Promise.all([blob(TYPES.text), blob(TYPES.html), blob(TYPES.png)]);
    return readShellClipboard({
      text: await text?.text(),
      html: await html?.text(),
      png: png === undefined ? undefined : new Uint8Array(await png.arrayBuffer()),
      files: items.some(({ types }) => holdsFiles(types)),
    });
  }

  /** Real files. False: this system's clipboard takes so many in no format that Electron can write. */
  async writeFiles(platform: string, paths: readonly string[]): Promise<boolean> {
    const formats = fileFormats(platform, paths);
    if (formats === undefined) return false;
    await this.#clipboard.write([this.#itemOf(formats)]);
    return true;
  }

  async write(content: unknown): Promise<void> {
    const { text, html, png } = readShellClipboard(content);
    const parts: Record<string, Blob> = {};
    if (text !== undefined) parts[TYPES.text] = new Blob([text], { type: TYPES.text });
    if (html !== undefined) parts[TYPES.html] = new Blob([html], { type: TYPES.html });
    if (png !== undefined) parts[TYPES.png] = new Blob([png], { type: TYPES.png });
    if (Object.keys(parts).length > 0) await this.#clipboard.write([this.#itemOf(parts)]);
  }
}
