// A drag of files and folders of this computer over a viewer's page, as the browser itself gets it from the window system.

import type { CDPSession, Page } from "playwright-core";
import type { Point } from "./desktop-page.ts";

export class FileDrag {
  readonly #session: CDPSession;
  readonly #data: { readonly items: []; readonly files: string[]; readonly dragOperationsMask: number };

  private constructor(session: CDPSession, paths: readonly string[]) {
    this.#session = session;
    // 1: copy.
    this.#data = { items: [], files: [...paths], dragOperationsMask: 1 };
  }

  /** They hang over the page. */
  static async begin(page: Page, paths: readonly string[], at: Point = { xPx: 300, yPx: 300 }): Promise<FileDrag> {
    const drag = new FileDrag(await page.context().newCDPSession(page), paths);
    await drag.#tell("dragEnter", at);
    await drag.#tell("dragOver", at);
    return drag;
  }

  async drop(at: Point = { xPx: 300, yPx: 300 }): Promise<void> {
    await this.#tell("drop", at);
    await this.#session.detach();
  }

  async #tell(type: "dragEnter" | "dragOver" | "drop", { xPx, yPx }: Point): Promise<void> {
    await this.#session.send("Input.dispatchDragEvent", { type, x: xPx, y: yPx, data: this.#data });
  }
}
