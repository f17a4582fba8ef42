// How near a received picture is to the screen: PSNR per channel and of the luma, and SSIM of the luma. Pictures come
// from harness/pixels.ts, figures go to still.ts.

import type { Picture } from "../harness/pixels.ts";

/** dB; Infinity for identical pictures. */
export interface Quality {
  readonly redDb: number;
  readonly greenDb: number;
  readonly blueDb: number;
  readonly lumaDb: number;
  /** 1 for identical pictures. */
  readonly ssim: number;
}

/** BT.709 (ITU-R BT.709-6, 3.2), full range, unrounded. */
function lumaOf({ data, widthPx, heightPx }: Picture): Float32Array {
  const luma = new Float32Array(widthPx * heightPx);
  for (let i = 0, at = 0; i < luma.length; i += 1, at += 4) {
    luma[i] = 0.2126 * (data[at] ?? 0) + 0.7152 * (data[at + 1] ?? 0) + 0.0722 * (data[at + 2] ?? 0);
  }
  return luma;
}

const decibels = (squares: number, count: number) => 10 * Math.log10((255 * 255 * count) / squares);

const WINDOW_PX = 8;
const STRIDE_PX = 4;
/** The constants of Wang et al., "Image Quality Assessment", IEEE TIP 13(4), 2004, for 8-bit samples. */
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/** Mean structural similarity over 8x8 windows that half overlap. */
export function ssim(a: Float32Array, b: Float32Array, widthPx: number, heightPx: number): number {
  const count = WINDOW_PX * WINDOW_PX;
  let sum = 0;
  let windows = 0;
  for (let top = 0; top + WINDOW_PX <= heightPx; top += STRIDE_PX) {
    for (let left = 0; left + WINDOW_PX <= widthPx; left += STRIDE_PX) {
      let sumA = 0;
      let sumB = 0;
      let sumAa = 0;
      let sumBb = 0;
      let sumAb = 0;
      for (let y = top; y < top + WINDOW_PX; y += 1) {
        for (let i = y * widthPx + left; i < y * widthPx + left + WINDOW_PX; i += 1) {
          const valueA = a[i] ?? 0;
          const valueB = b[i] ?? 0;
          sumA += valueA;
          sumB += valueB;
          sumAa += valueA * valueA;
          sumBb += valueB * valueB;
          sumAb += valueA * valueB;
        }
      }
      const meanA = sumA / count;
      const meanB = sumB / count;
      const varianceA = sumAa / count - meanA * meanA;
      const varianceB = sumBb / count - meanB * meanB;
      const covariance = sumAb / count - meanA * meanB;
      sum +=
        ((2 * meanA * meanB + C1) * (2 * covariance + C2)) /
        ((meanA * meanA + meanB * meanB + C1) * (varianceA + varianceB + C2));
      windows += 1;
    }
  }
  return sum / windows;
}

/** @throws Error when the two differ in size. */
export function compare(received: Picture, screen: Picture): Quality {
  if (received.widthPx !== screen.widthPx || received.heightPx !== screen.heightPx) {
    throw new Error(
      `a ${received.widthPx}x${received.heightPx} picture of a ${screen.widthPx}x${screen.heightPx} screen`,
    );
  }
  const squares: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < screen.data.length; i += 4) {
    squares[0] += ((received.data[i] ?? 0) - (screen.data[i] ?? 0)) ** 2;
    squares[1] += ((received.data[i + 1] ?? 0) - (screen.data[i + 1] ?? 0)) ** 2;
    squares[2] += ((received.data[i + 2] ?? 0) - (screen.data[i + 2] ?? 0)) ** 2;
  }
  const receivedLuma = lumaOf(received);
  const screenLuma = lumaOf(screen);
  let lumaSquares = 0;
  for (let i = 0; i < screenLuma.length; i += 1) lumaSquares += ((receivedLuma[i] ?? 0) - (screenLuma[i] ?? 0)) ** 2;
  const pixels = screen.widthPx * screen.heightPx;
  return {
    redDb: decibels(squares[0], pixels),
    greenDb: decibels(squares[1], pixels),
    blueDb: decibels(squares[2], pixels),
    lumaDb: decibels(lumaSquares, pixels),
    ssim: ssim(receivedLuma, screenLuma, screen.widthPx, screen.heightPx),
  };
}

/**
 * PSNR of a decoder's luma plane against the screen's luma, dB on the scale of 255 steps: the picture before the colour,
 * at half the resolution, is put back and clipped. `plane` is limited range (BT.709, 219 steps from 16).
 */
export function codedLumaDb(plane: Uint8Array, screen: Picture): number {
  const luma = lumaOf(screen);
  if (plane.length !== luma.length) throw new Error(`${plane.length} luma samples of ${luma.length} pixels`);
  let squares = 0;
  for (let i = 0; i < luma.length; i += 1) squares += ((((plane[i] ?? 0) - 16) * 255) / 219 - (luma[i] ?? 0)) ** 2;
  return decibels(squares, luma.length);
}

/** What is left of a picture when nothing but its colour's resolution is halved (4:2:0, BT.709): no such codec does better. */
export function subsampled({ widthPx, heightPx, data }: Picture): Picture {
  const out = new Uint8ClampedArray(data.length);
  const luma = lumaOf({ widthPx, heightPx, data });
  for (let top = 0; top < heightPx; top += 2) {
    for (let left = 0; left < widthPx; left += 2) {
      const block = [0, 1, widthPx, widthPx + 1].map((step) => top * widthPx + left + step);
      let bluish = 0;
      let reddish = 0;
      for (const i of block) {
        bluish += ((data[i * 4 + 2] ?? 0) - (luma[i] ?? 0)) / block.length;
        reddish += ((data[i * 4] ?? 0) - (luma[i] ?? 0)) / block.length;
      }
      for (const i of block) {
        const level = luma[i] ?? 0;
        const greenish = -(0.2126 * reddish + 0.0722 * bluish) / 0.7152;
        out.set([level + reddish, level + greenish, level + bluish, 255], i * 4);
      }
    }
  }
  return { widthPx, heightPx, data: new Uint8Array(out.buffer) };
}
