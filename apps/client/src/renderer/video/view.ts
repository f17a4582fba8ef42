// Places the picture on the stage (`place.ts` says where) and tells the agent, debounced, which size and scale would fit
// (`desktop-scale.ts`). From `surface.ts` (picture size) and the window; to the surface's style and the control message `display`.

import { LIMITS } from "@eglantine/protocol/limits";
import type { DesktopScale } from "../../shared/settings.ts";
import { type WantedDesktop, wantedDesktop } from "./desktop-scale.ts";
import { desktopPixel, placePicture, pointedSize, type Scale, type SizePx } from "./place.ts";

/** A window that is being dragged larger asks once it rests this long. */
const DEBOUNCE_MS = 150;

/** A desktop's size, and how large programs draw themselves on it; undefined: the agent leaves that alone. */
export interface ScaledSize extends SizePx {
  readonly scale?: number | undefined;
}

export interface ViewParts {
  readonly stage: HTMLElement;
  /** Shows the desktop: see `surface.ts`. */
  readonly surface: HTMLElement;
  /** Shows the last picture while reconnecting. */
  readonly last: HTMLCanvasElement;
}

export class DesktopView {
  readonly #parts: ViewParts;
  readonly #ask: (wanted: ScaledSize) => void;
  readonly #observer: ResizeObserver;
  readonly #ended = new AbortController();
  #scale: Scale = "fit";
  #desktopScale: DesktopScale = "screen";
  #following = false;
  /** The agent changes size and scale for this viewer. */
  #may = false;
  #picture: SizePx | undefined;
  #desktop: ScaledSize | undefined;
  /** There are monitors beside this one. */
  #several = false;
  #asked: ScaledSize | undefined;
  #timer: number | undefined;

  constructor(parts: ViewParts, ask: (wanted: ScaledSize) => void) {
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

  setDesktopScale(choice: DesktopScale): void {
    if (choice === this.#desktopScale) return;
    this.#desktopScale = choice;
    this.#askSoon();
  }

  setDesktop(desktop: (ScaledSize & { readonly monitors?: number | undefined }) | undefined): void {
    this.#desktop = desktop;
    this.#several = (desktop?.monitors ?? 1) > 1;
    if (desktop !== undefined && this.#asked === undefined) this.#askNow();
  }

  /** Whether the desktop follows the window, and may. The first request goes out once the desktop's size is known, or soon. */
  follow(on: boolean, may: boolean): void {
    if (on === this.#following && may === this.#may) return;
    this.#following = on;
    this.#may = may;
    this.#asked = undefined;
    clearTimeout(this.#timer);
    if (this.#desktop === undefined) this.#askSoon();
    else this.#askNow();
  }

  /** CSS pixels per desktop pixel now. */
  cssPerDesktopPx(): number {
    const width = this.#parts.surface.getBoundingClientRect().width;
    const size = this.#picture === undefined ? undefined : pointedSize(this.#picture, this.#desktop);
    return size === undefined || width === 0 ? 1 / devicePixelRatio : width / size.widthPx;
  }

  /** The desktop pixel under a point of the window, or undefined before there is a picture. `here`: of this monitor in any case. */
  desktopPixelAt(
    clientX: number,
    clientY: number,
    here = false,
  ): { readonly x: number; readonly y: number } | undefined {
    if (this.#picture === undefined) return undefined;
    const box = this.#parts.surface.getBoundingClientRect();
    const size = pointedSize(this.#picture, this.#desktop);
    return desktopPixel({ x: clientX - box.left, y: clientY - box.top }, box, size, this.#several && !here);
  }

  /** The size of a desktop that would fit the window. */
  wantedSize(): SizePx {
    const { widthPx, heightPx } = this.#fitting();
    return { widthPx, heightPx };
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
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#askNow(), DEBOUNCE_MS);
  }

  #askNow(): void {
    clearTimeout(this.#timer);
    const wanted = this.#wanted();
    if (wanted === undefined) return;
    const already = this.#asked ?? this.#desktop;
    this.#asked = wanted;
    const same = wanted.widthPx === already?.widthPx && wanted.heightPx === already.heightPx;
    if (!same || wanted.scale !== already.scale) this.#ask(wanted);
  }

  /** Undefined: nothing is asked for. A desktop that keeps its size may be given a scale, by hand. */
  #wanted(): ScaledSize | undefined {
    const desktop = this.#desktop;
    const { scale, ...size } = this.#fitting();
    const scaled = desktop !== undefined && desktop.scale === undefined ? {} : { scale };
    if (this.#following) return { ...size, ...scaled };
    if (!this.#may || desktop?.scale === undefined || typeof this.#desktopScale !== "number") return undefined;
    return { widthPx: desktop.widthPx, heightPx: desktop.heightPx, scale };
  }

  #fitting(): WantedDesktop {
    // offsetWidth: scroll bars of a picture that is still too large don't count.
    const { offsetWidth: width, offsetHeight: height } = this.#parts.stage;
    return wantedDesktop({ width, height }, devicePixelRatio, this.#desktopScale, LIMITS);
  }
}
