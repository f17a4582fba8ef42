// How large a cursor is drawn, and where its hot spot is then. PURE. Used by `cursor.ts`.

export interface CursorGeometry {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly hotXPx: number;
  readonly hotYPx: number;
}

export interface CursorPlan {
  /** Pixels of the picture to make. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Picture pixels per CSS pixel. */
  readonly resolution: number;
  /** CSS pixels. */
  readonly hotX: number;
  readonly hotY: number;
}

/** Browsers draw no cursor larger than this, CSS pixels (Chromium, Firefox). */
const LARGEST_CSS = 128;

/** As large as the desktop around it, at the screen's own resolution, within what browsers draw. */
export function planCursor(cursor: CursorGeometry, cssPerDesktopPx: number, devicePixelRatio: number): CursorPlan {
  const largest = Math.max(cursor.widthPx, cursor.heightPx);
  const scale = Math.min(cssPerDesktopPx, LARGEST_CSS / largest);
  const side = (px: number): number =>
    Math.min(Math.floor(LARGEST_CSS * devicePixelRatio), Math.max(1, Math.round(px * scale * devicePixelRatio)));
  const widthPx = side(cursor.widthPx);
  const heightPx = side(cursor.heightPx);
  const hot = (px: number, sidePx: number): number =>
    Math.max(0, Math.min(Math.round(px * scale), Math.ceil(sidePx / devicePixelRatio) - 1));
  return {
    widthPx,
    heightPx,
    resolution: devicePixelRatio,
    hotX: hot(cursor.hotXPx, widthPx),
    hotY: hot(cursor.hotYPx, heightPx),
  };
}
