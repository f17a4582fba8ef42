// The desktop's size for one viewer: tells it, and changes it when the viewer asks and may. Owned by `session.ts`.

import type { AgentControl } from "@eglantine/protocol/control";
import { LIMITS } from "@eglantine/protocol/limits";
import { messageOf } from "../errors.ts";
import type { Screen } from "../input/types.ts";
import type { Log } from "../log.ts";
import type { Desktop } from "../x11/desktop.ts";

export interface ViewerDisplayOptions {
  readonly desktop: Desktop;
  /** The viewer may change it. */
  readonly resize: boolean;
  readonly send: (message: Extract<AgentControl, { type: "display" | "notice" }>) => void;
  readonly log: Log;
}

export class ViewerDisplay {
  readonly #options: ViewerDisplayOptions;
  readonly #unwatch: () => void;

  constructor(options: ViewerDisplayOptions) {
    const { desktop } = options;
    this.#options = options;
    if (desktop.reachable) this.#tell(desktop.size);
    this.#unwatch = desktop.watchSize((screen) => this.#tell(screen));
  }

  /** The picture has this size. A card has one of its own; when the desktop is back, its size is told again. */
  picture(widthPx: number, heightPx: number): void {
    const { desktop } = this.#options;
    this.#tell(desktop.reachable ? desktop.size : { widthPx, heightPx });
  }

  async resize(wanted: Screen): Promise<void> {
    const { desktop, resize, send, log } = this.#options;
    try {
      if (resize) await desktop.resize(wanted);
      if (desktop.reachable) this.#tell(desktop.size);
    } catch (error) {
      log.warn({ detail: messageOf(error), ...wanted }, "resize failed");
      const text = `The desktop keeps its size: ${messageOf(error)}.`.slice(0, LIMITS.textChars);
      send({ type: "notice", level: "warning", text });
    }
  }

  close(): void {
    this.#unwatch();
  }

  #tell({ widthPx, heightPx }: Screen): void {
    const fits = (sidePx: number) => sidePx >= LIMITS.displayMinPx && sidePx <= LIMITS.displayMaxPx;
    if (fits(widthPx) && fits(heightPx)) this.#options.send({ type: "display", widthPx, heightPx });
  }
}
