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
  /** Of these, transparent ones before the shape, so that its hot spot lies on a whole CSS pixel: browsers know no other. */
  readonly padXPx: number;
  readonly padYPx: number;
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
  const largestPx = Math.floor(LARGEST_CSS * devicePixelRatio);
  const axis = (px: number, hotPx: number) => {
    const drawnPx = Math.min(largestPx, Math.max(1, Math.round(px * scale * devicePixelRatio)));
    const drawnHotPx = Math.min(drawnPx - 1, Math.round(hotPx * scale * devicePixelRatio));
    const hot = Math.ceil(drawnHotPx / devicePixelRatio - 1e-6);
    const padPx = Math.max(0, Math.round(hot * devicePixelRatio) - drawnHotPx);
    if (drawnPx + padPx <= largestPx) return { sidePx: drawnPx + padPx, padPx, hot };
    return { sidePx: drawnPx, padPx: 0, hot: Math.floor(drawnHotPx / devicePixelRatio) };
  };
  const x = axis(cursor.widthPx, cursor.hotXPx);
  const y = axis(cursor.heightPx, cursor.hotYPx);
  return {
    widthPx: x.sidePx,
    heightPx: y.sidePx,
    padXPx: x.padPx,
    padYPx: y.padPx,
    resolution: devicePixelRatio,
    hotX: x.hot,
    hotY: y.hot,
  };
}
