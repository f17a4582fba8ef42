// This computer's clipboard in the desktop application: the shell reads and writes it, and nobody is asked. Over the bridge of
// `shared/bridge.ts`; made by `client.ts`.

import type { Bridge } from "../../shared/bridge.ts";
import { readShellClipboard } from "../../shared/clipboard.ts";
import type { Holding } from "./holding.ts";
import type { LocalClipboard, Written } from "./local-clipboard.ts";
import { pngOf } from "./png.ts";

export class ShellClipboard implements LocalClipboard {
  readonly tellsPastes = false;
  readonly writesUnfocused = true;
  readonly #bridge: Bridge;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  readsSilently(): Promise<boolean> {
    return Promise.resolve(true);
  }

  async read(): Promise<Holding> {
    const { text, html, png, files } = readShellClipboard(await this.#bridge.readClipboard());
    return {
      ...(text === undefined ? {} : { text }),
      ...(html === undefined ? {} : { html }),
      ...(png === undefined ? {} : { picture: new Blob([png], { type: "image/png" }) }),
      ...(files === undefined ? {} : { untold: files }),
    };
  }

  tell(): Promise<void> {
    return this.#bridge.tellPaste();
  }

  async write({ text, html, picture }: Holding): Promise<Written> {
    const png = picture === undefined ? undefined : new Uint8Array(await (await pngOf(picture)).arrayBuffer());
    await this.#bridge.writeClipboard({ text, html, png });
    return "yes";
  }
}
