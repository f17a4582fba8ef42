// The desktop's pointer, drawn over the picture where it is: for a finger that is a touchpad's, and for a pointer that is locked while the
// desktop shows its own. The shape is `cursor.ts`'s, the place comes from `capture.ts`. Where the local pointer is the desktop's, nothing is.

import type { CursorPicture } from "./cursor.ts";

export interface DrawnCursorParts {
  /** Shows the desktop. */
  readonly element: HTMLElement;
  /** Around it: scrolls where the picture is larger. */
  readonly stage: HTMLElement;
  /** As it is now; undefined: the desktop shows none. */
  readonly picture: () => CursorPicture | undefined;
  readonly desktopSize: () => { readonly widthPx: number; readonly heightPx: number } | undefined;
  readonly cssPerDesktopPx: () => number;
}

export class DrawnCursor {
  readonly #parts: DrawnCursorParts;
  readonly #box = document.createElement("div");
  #at: { readonly x: number; readonly y: number } | undefined;
  #address = "";

  constructor(parts: DrawnCursorParts) {
    this.#parts = parts;
    this.#box.className = "drawn-cursor";
    this.#box.dataset["testid"] = "drawn-cursor";
    this.#box.hidden = true;
    parts.element.append(this.#box);
  }

  /** Undefined: it is not to be drawn. */
  move(at: { readonly x: number; readonly y: number } | undefined): void {
    this.#at = at;
    this.update();
  }

  /** The shape, or the picture's scale, may have changed. */
  update(): void {
    const { desktopSize, cssPerDesktopPx, picture } = this.#parts;
    const at = this.#at;
    const size = desktopSize();
    const shown = at === undefined || size === undefined ? undefined : picture();
    this.#box.hidden = shown === undefined;
    if (at === undefined || size === undefined || shown === undefined) return;
    const { address, plan } = shown;
    const { style } = this.#box;
    if (address !== this.#address) {
      this.#address = address;
      style.backgroundImage = `url("${address}")`;
      style.width = `${plan.widthPx / plan.resolution}px`;
      style.height = `${plan.heightPx / plan.resolution}px`;
    }
    const css = cssPerDesktopPx();
    const place = (px: number, sidePx: number, hot: number): number =>
      Math.max(0, Math.min(sidePx - 1, px)) * css - hot;
    style.transform = `translate(${place(at.x, size.widthPx, plan.hotX)}px, ${place(at.y, size.heightPx, plan.hotY)}px)`;
    const { stage } = this.#parts;
    if (stage.dataset["scale"] === "native") this.#box.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}
