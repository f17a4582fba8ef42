// Draws the desktop's pointer as the local one: a cursor shape of the `feedback` channel becomes a CSS cursor. From
// `connection.ts`; the picture's scale comes from `video/view.ts`. Shapes are kept under their serial.

import type { FeedbackMessage } from "@eglantine/protocol/feedback";
import { type CursorPlan, planCursor } from "./cursor-plan.ts";

type CursorShape = Extract<FeedbackMessage, { type: "cursorShape" }>;

/** Pixels of shapes kept, bytes: thousands of ordinary ones. What was not used for longest goes first. */
const KEPT_BYTES = 16 * 1024 * 1024;

interface KeptShape {
  readonly shape: CursorShape;
  readonly invisible: boolean;
  /** As drawn last, and the plan it was drawn for. */
  drawn?: CursorPicture;
}

/** A shape as PNG. */
export interface CursorPicture {
  readonly plan: CursorPlan;
  /** Of the picture's bytes. */
  readonly address: string;
}

export class Cursor {
  readonly #element: HTMLElement;
  readonly #cssPerDesktopPx: () => number;
  readonly #shapes = new Map<number, KeptShape>();
  #keptBytes = 0;
  #current: KeptShape | "hidden" | undefined;

  constructor(element: HTMLElement, cssPerDesktopPx: () => number) {
    this.#element = element;
    this.#cssPerDesktopPx = cssPerDesktopPx;
  }

  take(message: Extract<FeedbackMessage, { type: `cursor${string}` }>): void {
    switch (message.type) {
      case "cursorShape":
        this.#current = this.#keep(message);
        break;
      case "cursorUse":
        this.#current = this.#use(message.serial) ?? this.#current;
        break;
      case "cursorHidden":
        this.#current = "hidden";
        break;
    }
    this.update();
  }

  /** The desktop shows none, as games do that take the pointer. */
  get hidden(): boolean {
    const current = this.#current;
    return current === "hidden" || current?.invisible === true;
  }

  /** Draws the current shape again: the picture's scale may have changed. */
  update(): void {
    this.#element.style.cursor = this.#css();
  }

  /** A new session names its shapes anew. */
  reset(): void {
    this.#shapes.clear();
    this.#keptBytes = 0;
    this.#current = undefined;
    this.update();
  }

  #keep(shape: CursorShape): KeptShape {
    // The bytes belong to the datagram.
    const own: CursorShape = { ...shape, rgba: shape.rgba.slice() };
    const kept: KeptShape = { shape: own, invisible: isInvisible(own.rgba) };
    this.#forget(shape.serial);
    this.#shapes.set(shape.serial, kept);
    this.#keptBytes += own.rgba.byteLength;
    for (const serial of this.#shapes.keys()) {
      if (this.#keptBytes <= KEPT_BYTES) break;
      this.#forget(serial);
    }
    return kept;
  }

  #use(serial: number): KeptShape | undefined {
    const kept = this.#shapes.get(serial);
    if (kept === undefined) return undefined;
    this.#shapes.delete(serial);
    this.#shapes.set(serial, kept);
    return kept;
  }

  #forget(serial: number): void {
    this.#keptBytes -= this.#shapes.get(serial)?.shape.rgba.byteLength ?? 0;
    this.#shapes.delete(serial);
  }

  /** As it is now, for the picture's scale; undefined: none is shown, or nothing is known. */
  get picture(): CursorPicture | undefined {
    const current = this.#current;
    if (current === undefined || current === "hidden" || current.invisible) return undefined;
    const plan = planCursor(current.shape, this.#cssPerDesktopPx(), devicePixelRatio);
    const before = current.drawn;
    if (before !== undefined && samePlan(before.plan, plan)) return before;
    const address = draw(current.shape, plan);
    if (address === undefined) return undefined;
    current.drawn = { plan, address };
    return current.drawn;
  }

  #css(): string {
    if (this.#current === undefined) return "";
    if (this.hidden) return "none";
    const { picture } = this;
    if (picture === undefined) return "default";
    const { address, plan } = picture;
    return `image-set(url("${address}") ${plan.resolution}x) ${plan.hotX} ${plan.hotY}, default`;
  }
}

function samePlan(a: CursorPlan, b: CursorPlan): boolean {
  return a.widthPx === b.widthPx && a.heightPx === b.heightPx && a.resolution === b.resolution;
}

function isInvisible(rgba: Uint8Array): boolean {
  for (let index = 3; index < rgba.length; index += 4) if ((rgba[index] ?? 0) > 0) return false;
  return true;
}

/** A data address with the shape as PNG in the plan's size; undefined for bytes that don't fill it. */
function draw(shape: CursorShape, plan: CursorPlan): string | undefined {
  if (shape.rgba.length !== shape.widthPx * shape.heightPx * 4) return undefined;
  const picture = new ImageData(new Uint8ClampedArray(shape.rgba), shape.widthPx, shape.heightPx);
  const canvas = document.createElement("canvas");
  canvas.width = shape.widthPx;
  canvas.height = shape.heightPx;
  canvas.getContext("2d")?.putImageData(picture, 0, 0);
  const { padXPx, padYPx } = plan;
  const [widthPx, heightPx] = [plan.widthPx - padXPx, plan.heightPx - padYPx];
  const same = widthPx === shape.widthPx && heightPx === shape.heightPx;
  if (same && padXPx === 0 && padYPx === 0) return canvas.toDataURL();
  const scaled = document.createElement("canvas");
  scaled.width = plan.widthPx;
  scaled.height = plan.heightPx;
  const context = scaled.getContext("2d");
  if (context === null) return undefined;
  context.imageSmoothingEnabled = !same;
  context.imageSmoothingQuality = "high";
  context.drawImage(canvas, padXPx, padYPx, widthPx, heightPx);
  return scaled.toDataURL();
}
