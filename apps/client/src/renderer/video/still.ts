// What is on the screen, taken from wherever it is shown: as the dimmed last picture behind a lost connection, and as a small JPEG for the desktop's card at
// home. From `surface.ts` and `../vnc/rfb-view.ts`; the JPEG goes to `../saved-desktop.ts`.

export interface ShownPicture {
  readonly source: CanvasImageSource;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Of a card, on a screen with two pixels for one. */
const CARD_WIDTH_PX = 560;
const CARD_HEIGHT_PX = 350;
const JPEG_QUALITY = 0.72;

/** Paints it dimmed into `canvas`. False when there is nothing. */
export function paintDimmed(canvas: HTMLCanvasElement, shown: ShownPicture | undefined): boolean {
  const context = canvas.getContext("2d");
  if (shown === undefined || context === null) return false;
  const { source, widthPx, heightPx } = shown;
  canvas.width = widthPx;
  canvas.height = heightPx;
  context.drawImage(source, 0, 0);
  context.fillStyle = "rgb(0 0 0 / 55%)";
  context.fillRect(0, 0, widthPx, heightPx);
  return true;
}

/** Small, whole, in its own shape. At once, so that it can be taken while the page goes. Undefined when there is nothing. */
export function smallJpeg(shown: ShownPicture | undefined): Uint8Array<ArrayBuffer> | undefined {
  if (shown === undefined) return undefined;
  const { source, widthPx, heightPx } = shown;
  const scale = Math.min(1, CARD_WIDTH_PX / widthPx, CARD_HEIGHT_PX / heightPx);
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(widthPx * scale));
  canvas.height = Math.max(1, Math.round(heightPx * scale));
  const context = canvas.getContext("2d");
  if (context === null) return undefined;
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  const [, base64 = ""] = canvas.toDataURL("image/jpeg", JPEG_QUALITY).split(",", 2);
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
