// The tray's icon and its menu, as Electron has them. Thin: what the menu holds is `tray-menu.ts`'s. Built by `main.ts`.

import { Menu, nativeImage, Tray } from "electron";
import type { TrayAction, TrayEntry } from "./tray-menu.ts";

export class TrayIcon {
  readonly #tray: Tray;
  readonly #onAction: (action: TrayAction) => void;

  constructor(icon: string, onAction: (action: TrayAction) => void) {
    this.#tray = new Tray(nativeImage.createFromPath(icon));
    this.#onAction = onAction;
    this.#tray.setToolTip("Eglantine");
    // Where a click opens the menu it is not told: Linux, macOS.
    this.#tray.on("click", () => onAction({ kind: "home" }));
  }

  /** Linux shows what the menu was when it was set. */
  show(entries: readonly TrayEntry[]): void {
    const items = entries.map((entry) =>
      entry === undefined
        ? ({ type: "separator" } as const)
        : { label: entry.label, click: () => this.#onAction(entry.action) },
    );
    this.#tray.setContextMenu(Menu.buildFromTemplate(items));
  }

  /** Idempotent. */
  close(): void {
    if (!this.#tray.isDestroyed()) this.#tray.destroy();
  }
}
