// The colours that tests of the picture paint: corners, edges and inside of the RGB cube. Used by end-to-end tests.

import type { Colour } from "./x-screen.ts";

/** A wrong matrix or range (BT.601, full range) shifts several of them by 5 steps and more in Y, U, V, by 10 in R, G, B. */
export const COLOURS: readonly Colour[] = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 0],
  [0, 255, 255],
  [255, 0, 255],
  [255, 255, 255],
  [0, 0, 0],
  [128, 128, 128],
  [16, 16, 16],
  [235, 235, 235],
  [200, 60, 30],
  [30, 200, 60],
  [60, 30, 200],
];
