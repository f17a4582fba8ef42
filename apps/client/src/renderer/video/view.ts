// Places the picture on the stage (`place.ts` says where) and tells the agent, debounced, which size would fit. From
// `surface.ts` (picture size) and the window; to the surface's style and the control message `display`.

import { LIMITS } from "@eglantine/protocol/limits";
import { desktopPixel, placePicture, pointedSize, type Scale, type SizePx, wantedDisplay } from "./place.ts";

/** A window that is being dragged larger asks once it rests this long. */
const DEBOUNCE_MS = 150;

export interface ViewParts {
  readonly stage: HTMLElement;
  /** Shows the desktop: see `surface.ts`. */
  readonly surface: HTMLElement;
  /** Shows the last picture while reconnecting. */
  readonly last: HTMLCanvasElement;
}

export class DesktopView {
  readonly #parts: ViewParts;
  readonly #ask: (size: SizePx) => void;
  readonly #observer: ResizeObserver;
  readonly #ended = new AbortController();
  #scale: Scale = "fit";
  #following = false;
  #picture: SizePx | undefined;
  #desktop: SizePx | undefined;
  #asked: SizePx | undefined;
  #timer: number | undefined;

  constructor(parts: ViewParts, ask: (size: SizePx) => void) {
    this.#parts = parts;
    this.#ask = ask;
    this.#observer = new ResizeObserver(() => {
      this.#place();
      this.#askSoon();
    });
    this.#observer.observe(parts.stage);
    this.#watchRatio();
  }

  setScale(scale: Scale): void {
    this.#scale = scale;
    this.#parts.stage.dataset["scale"] = scale;
    this.#place();
  }

  setPicture(widthPx: number, heightPx: number): void {
    this.#picture = { widthPx, heightPx };
    this.#place();
  }

  setDesktop(desktop: SizePx | undefined): void {
    this.#desktop = desktop;
    if (desktop !== undefined && this.#following && this.#asked === undefined) this.#askNow();
  }

  /** Whether the desktop follows the window. The first request goes out once the desktop's size is known, or soon. */
  follow(on: boolean): void {
    if (on === this.#following) return;
    this.#following = on;
    this.#asked = undefined;
    clearTimeout(this.#timer);
    if (on && this.#desktop === undefined) this.#askSoon();
    else if (on) this.#askNow();
  }

  /** CSS pixels per desktop pixel now. */
  cssPerDesktopPx(): number {
    const width = this.#parts.surface.getBoundingClientRect().width;
    const size = this.#picture === undefined ? undefined : pointedSize(this.#picture, this.#desktop);
    return size === undefined || width === 0 ? 1 / devicePixelRatio : width / size.widthPx;
  }

  /** The desktop pixel under a point of the window, or undefined before there is a picture. */
  desktopPixelAt(clientX: number, clientY: number): { readonly x: number; readonly y: number } | undefined {
    if (this.#picture === undefined) return undefined;
    const box = this.#parts.surface.getBoundingClientRect();
    const size = pointedSize(this.#picture, this.#desktop);
    return desktopPixel({ x: clientX - box.left, y: clientY - box.top }, box, size);
  }

  /** Idempotent. */
  close(): void {
    clearTimeout(this.#timer);
    this.#ended.abort();
    this.#observer.disconnect();
  }

  /** The window went to another screen, or the page was zoomed. */
  #watchRatio(): void {
    if (this.#ended.signal.aborted) return;
    const changed = (): void => {
      this.#place();
      this.#askSoon();
      this.#watchRatio();
    };
    const query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    query.addEventListener("change", changed, { once: true, signal: this.#ended.signal });
  }

  #place(): void {
    if (this.#picture === undefined) return;
    const { stage, surface, last } = this.#parts;
    const stageCss = { width: stage.clientWidth, height: stage.clientHeight };
    const { left, top, width, height } = placePicture(this.#picture, stageCss, devicePixelRatio, this.#scale);
    for (const { style } of [surface, last]) {
      style.left = `${left}px`;
      style.top = `${top}px`;
      style.width = `${width}px`;
      style.height = `${height}px`;
    }
  }

  #askSoon(): void {
    if (!this.#following) return;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#askNow(), DEBOUNCE_MS);
  }

  #askNow(): void {
    const { stage } = this.#parts;
    // offsetWidth: scroll bars of a picture that is still too large don't count.
    const wanted = wantedDisplay({ width: stage.offsetWidth, height: stage.offsetHeight }, devicePixelRatio, LIMITS);
    clearTimeout(this.#timer);
    const already = this.#asked ?? this.#desktop;
    this.#asked = wanted;
    if (wanted.widthPx !== already?.widthPx || wanted.heightPx !== already.heightPx) this.#ask(wanted);
  }
}
