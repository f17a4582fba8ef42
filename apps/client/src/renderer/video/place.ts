// Where the picture stands in the window, and which desktop pixel a point of it is. PURE.
// Used by `view.ts` (placing) and `input/pointer.ts` (pointing).

export interface SizePx {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** In CSS pixels, relative to the stage. */
export interface Placement {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export type Scale = "fit" | "native";

/** A picture this much smaller than the stage is not blown up: both are the same size but for even numbers. */
const SAME_SIZE_PX = 2;

/**
 * Places a picture of `picture` pixels on a stage of `stageCss` CSS pixels. `native`: one picture pixel is one device
 * pixel. `fit`: as large as fits. Edges lie on device pixels, so that nothing is filtered where sizes agree.
 */
export function placePicture(
  picture: SizePx,
  stageCss: { readonly width: number; readonly height: number },
  devicePixelRatio: number,
  scale: Scale,
): Placement {
  const stageWidthPx = Math.floor(stageCss.width * devicePixelRatio + 1e-6);
  const stageHeightPx = Math.floor(stageCss.height * devicePixelRatio + 1e-6);
  const spareWidth = stageWidthPx - picture.widthPx;
  const spareHeight = stageHeightPx - picture.heightPx;
  const same = spareWidth >= 0 && spareHeight >= 0 && (spareWidth < SAME_SIZE_PX || spareHeight < SAME_SIZE_PX);
  const factor =
    scale === "native" || same ? 1 : Math.min(stageWidthPx / picture.widthPx, stageHeightPx / picture.heightPx);
  const widthPx = Math.max(1, Math.round(picture.widthPx * factor));
  const heightPx = Math.max(1, Math.round(picture.heightPx * factor));
  return {
    left: Math.max(0, Math.floor((stageWidthPx - widthPx) / 2)) / devicePixelRatio,
    top: Math.max(0, Math.floor((stageHeightPx - heightPx) / 2)) / devicePixelRatio,
    width: widthPx / devicePixelRatio,
    height: heightPx / devicePixelRatio,
  };
}

/** The size to ask the agent for so that one desktop pixel is one device pixel: even, within the limits. */
export function wantedDisplay(
  stageCss: { readonly width: number; readonly height: number },
  devicePixelRatio: number,
  limits: { readonly displayMinPx: number; readonly displayMaxPx: number },
): SizePx {
  const side = (css: number): number => {
    const even = Math.floor((css * devicePixelRatio + 1e-6) / 2) * 2;
    return Math.min(limits.displayMaxPx, Math.max(limits.displayMinPx, even));
  };
  return { widthPx: side(stageCss.width), heightPx: side(stageCss.height) };
}

/**
 * The size that picture fractions are fractions of. An encoder may add or drop one line to make sides even: then the
 * picture's own pixels count. A picture that is scaled stands for the whole desktop.
 */
export function pointedSize(picture: SizePx, desktop: SizePx | undefined): SizePx {
  if (desktop === undefined) return picture;
  const padded = Math.abs(picture.widthPx - desktop.widthPx) <= 1 && Math.abs(picture.heightPx - desktop.heightPx) <= 1;
  return padded ? picture : desktop;
}

/**
 * The desktop pixel under a point given relative to the picture's edges, clamped into the desktop; `beyond`: not clamped, since what lies
 * beyond is another monitor of it.
 */
export function desktopPixel(
  point: { readonly x: number; readonly y: number },
  pictureCss: { readonly width: number; readonly height: number },
  size: SizePx,
  beyond = false,
): { readonly x: number; readonly y: number } {
  const axis = (at: number, extent: number, sidePx: number): number => {
    if (extent <= 0) return 0;
    const pixel = Math.floor((at / extent) * sidePx + 1e-6);
    return beyond ? pixel : Math.min(sidePx - 1, Math.max(0, pixel));
  };
  return { x: axis(point.x, pictureCss.width, size.widthPx), y: axis(point.y, pictureCss.height, size.heightPx) };
}
