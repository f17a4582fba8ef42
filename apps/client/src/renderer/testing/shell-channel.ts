// The shell without Electron, for tests of the page: serves the built page on loopback and carries its calls over a WebSocket to the real bridge
// (`main/bridge.ts`) with the real stores behind it. Only what Electron itself would give is a double. Each connection is a window.

import { createReadStream } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { BridgeRefusal, createAnswers, ShellBridge } from "../../main/bridge.ts";
import type { Parts } from "../../main/parts.ts";
import { PAGE_HOST, PAGE_SCHEME, pageFile } from "../../main/page-files.ts";
import type { Emit } from "../../shared/bridge.ts";
import { readWire, type WireAnswer, writeWire } from "./shell-wire.ts";

export interface ShellChannelOptions {
  /** Of the built page. */
  readonly page: string;
  /** What the answers are made of; `emit` tells the pages. */
  readonly parts: (emit: Emit) => Parts;
}

export class ShellChannel {
  /** Calls so far, oldest first. */
  readonly calls: { readonly name: string; readonly parameters: readonly unknown[] }[] = [];
  /** Calls that were turned away. */
  readonly refused: BridgeRefusal[] = [];
  /** What else went wrong while answering. */
  readonly faults: unknown[] = [];
  readonly parts: Parts;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #windows = new Map<number, WebSocket>();
  readonly #bridge: ShellBridge;
  #opened = 0;

  private constructor({ page, parts }: ShellChannelOptions) {
    this.parts = parts(this.emit);
    this.#bridge = new ShellBridge(createAnswers(this.parts), (url) => url === this.url);
    this.#server = createServer((request, response) => {
      // As the application's own scheme serves it.
      const file = pageFile(page, `${PAGE_SCHEME}://${PAGE_HOST}${request.url ?? "/"}`);
      const missing = (): void => void response.writeHead(404).end();
      if (file === undefined) return missing();
      const bytes = createReadStream(file.path);
      bytes.once("error", missing);
      bytes.once("open", () => {
        response.writeHead(200, { "content-type": file.contentType, "x-content-type-options": "nosniff" });
        bytes.pipe(response);
      });
    });
    this.#server.on("upgrade", (request, socket, head) => {
      this.#sockets.handleUpgrade(request, socket, head, (page) => this.#join(page, request.headers.origin ?? ""));
    });
  }

  static async start(options: ShellChannelOptions): Promise<ShellChannel> {
    const channel = new ShellChannel(options);
    await new Promise<void>((resolve, reject) => {
      channel.#server.once("error", reject);
      channel.#server.listen(0, "127.0.0.1", resolve);
    });
    return channel;
  }

  /** The home's address. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  readonly emit: Emit = (event, payload, window) => {
    for (const [id, page] of this.#windows) if (window === undefined || window === id) send(page, { event, payload });
  };

  async close(): Promise<void> {
    for (const page of this.#windows.values()) page.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.parts.close();
  }

  #join(page: WebSocket, origin: string): void {
    const window = ++this.#opened;
    this.#windows.set(window, page);
    page.on("close", () => {
      this.#windows.delete(window);
      void this.parts.windowClosed(window);
    });
    // A browser tells of a page's origin alone, and no page can lie about it.
    const sender = { isWindow: true, isMainFrame: true, url: `${origin}/` };
    const paste = (): void => send(page, { event: "paste", payload: undefined });
    page.on("message", (data) => {
      const { call, name, parameters } = readWire((data as Buffer).toString());
      this.calls.push({ name, parameters });
      this.#bridge.answer(name, sender, { window, paste }, parameters).then(
        (result) => send(page, { call, result }),
        (error: unknown) => {
          if (error instanceof BridgeRefusal) this.refused.push(error);
          else this.faults.push(error);
          send(page, { call, error: String(error) });
        },
      );
    });
  }
}

function send(page: WebSocket, message: WireAnswer): void {
  page.send(writeWire(message));
}
