// The clipboards of both sides, past client and agent: the desktop's by xclip, as any program there would, and the viewer's by its browser.

import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { crc32, deflateSync } from "node:zlib";
import type { Page } from "playwright-core";

/** Of a browser whose user has allowed the page to look. */
export const CLIPBOARD_PERMISSIONS = ["clipboard-read", "clipboard-write"];

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** What the viewer copies, in any program of its computer. */
export interface Copied {
  readonly text?: string;
  readonly html?: string;
  /** In base64. */
  readonly png?: string;
}

export async function copyHere(page: Page, copied: Copied): Promise<void> {
  await page.evaluate(async ({ text, html, png }) => {
    const parts: Record<string, Blob> = {};
    if (text !== undefined) parts["text/plain"] = new Blob([text], { type: "text/plain" });
    if (html !== undefined) parts["text/html"] = new Blob([html], { type: "text/html" });
    if (png !== undefined)
      parts["image/png"] = new Blob([Uint8Array.from(atob(png), (byte) => byte.charCodeAt(0))], { type: "image/png" });
    await navigator.clipboard.write([new ClipboardItem(parts)]);
  }, copied);
}

/** The desktop's, as its programs see it. */
export class DesktopClipboard {
  readonly #display: string;
  #holder: ChildProcess | undefined;
  readonly #pasting = new Set<ChildProcess>();

  constructor(display: string) {
    this.#display = display;
  }

  /** A program copies this, and stays to give it. */
  async copy(bytes: string | Uint8Array, target = "UTF8_STRING", selection = "clipboard"): Promise<void> {
    this.#holder?.kill();
    const place = ["-display", this.#display, "-selection", selection, "-t", target];
    const holder = spawn("xclip", [...place, "-quiet", "-i"], { stdio: ["pipe", "ignore", "pipe"] });
    this.#holder = holder;
    holder.stdin?.end(bytes);
    // It says so when it owns the selection.
    if (holder.stderr !== null) await once(holder.stderr, "data");
  }

  /** A program pastes. Rejects when there is nothing of the kind. */
  async paste(target = "UTF8_STRING", selection = "clipboard"): Promise<Buffer> {
    const place = ["-display", this.#display, "-selection", selection, "-t", target];
    const child = spawn("xclip", [...place, "-o"], { stdio: ["ignore", "pipe", "pipe"] });
    this.#pasting.add(child);
    const chunks: Buffer[] = [];
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const [status] = (await once(child, "close")) as [number | null];
    this.#pasting.delete(child);
    if (status !== 0) throw new Error(`xclip: ${said}`);
    return Buffer.concat(chunks);
  }

  /** What a program could paste now; empty when nothing is offered. */
  async targets(): Promise<readonly string[]> {
    const targets = await this.#pasteIfAny("TARGETS");
    return targets === undefined ? [] : String(targets).trim().split("\n");
  }

  /** A program that pastes now gets this text. */
  async has(text: string): Promise<boolean> {
    return (await this.#pasteIfAny("UTF8_STRING"))?.equals(Buffer.from(text)) === true;
  }

  async #pasteIfAny(target: string): Promise<Buffer | undefined> {
    try {
      return await this.paste(target);
    } catch (error) {
      if (error instanceof Error && error.message.startsWith("xclip: ")) return undefined;
      throw error;
    }
  }

  close(): void {
    for (const child of [this.#holder, ...this.#pasting]) child?.kill();
    this.#holder = undefined;
  }
}

/** What the browser gave the page when it pasted. */
export interface PastedHere {
  readonly htmlBytes: number;
  readonly htmlHash: string;
  readonly pngBytes: number;
  readonly pngHash: string;
}

type Kept = { pasted: Promise<PastedHere>; written: Promise<Record<"text" | "html" | "png", string>> };

/** Runs in the page before the client does: keeps what the browser tells it is pasted, and what it puts on the browser's clipboard. */
export function keepClipboard(): void {
  const hash = async (bytes: ArrayBuffer): Promise<string> => {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  const kept: { pasted?: Promise<unknown>; written?: Promise<unknown> } = {};
  Object.assign(globalThis, { eglantineTestClipboard: kept });
  window.addEventListener(
    "paste",
    ({ clipboardData }) => {
      const html = new TextEncoder().encode(clipboardData?.getData("text/html") ?? "");
      const png = clipboardData?.files[0];
      kept.pasted = (async () => {
        const bytes = (await png?.arrayBuffer()) ?? new ArrayBuffer(0);
        return {
          htmlBytes: html.byteLength,
          htmlHash: await hash(html.buffer),
          pngBytes: bytes.byteLength,
          pngHash: await hash(bytes),
        };
      })();
    },
    { capture: true },
  );
  if (!("clipboard" in navigator)) return;
  const write = navigator.clipboard.write.bind(navigator.clipboard);
  navigator.clipboard.write = async (items) => {
    await write(items);
    const [item] = items;
    const blob = async (type: string) => {
      const found = item?.types.includes(type) === true ? await item.getType(type) : undefined;
      return found === undefined ? "" : hash(await found.arrayBuffer());
    };
    kept.written = (async () => ({
      text: await blob("text/plain"),
      html: await blob("text/html"),
      png: await blob("image/png"),
    }))();
  };
}

export function pastedHere(page: Page): Promise<PastedHere> {
  return page.evaluate(() => (Reflect.get(globalThis, "eglantineTestClipboard") as Kept).pasted);
}

/** SHA-256 of what the client, or a test, wrote last. */
export function writtenHere(page: Page): Promise<Readonly<Partial<Record<"text" | "html" | "png", string>>>> {
  return page.evaluate(async () => (await (Reflect.get(globalThis, "eglantineTestClipboard") as Kept).written) ?? {});
}

/** A picture of noise whose file is about this long, bytes: noise can't be compressed. */
export function pngOf(bytes: number): Buffer {
  const side = Math.max(1, Math.floor(Math.sqrt(bytes / 3)));
  const rows = randomBytes(side * (1 + 3 * side));
  for (let row = 0; row < side; row += 1) rows[row * (1 + 3 * side)] = 0;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  // 8 bits a channel, red, green and blue.
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunkOf("IHDR", header),
    chunkOf("IDAT", deflateSync(rows, { level: 0 })),
    chunkOf("IEND", Buffer.alloc(0)),
  ]);
}

function chunkOf(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name), data]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}
