// How large programs draw themselves on the desktop: 1 is what the operator's DPI says, 2 twice as large. In steps, as control `display`
// carries it. PURE.

import { LIMITS } from "./limits.ts";

/** Whose scale is in force: the viewer's who set the desktop's size, the operator's, or one that was set on the desktop itself. */
export const SCALE_OWNERS = ["viewer", "operator", "desktop"] as const;

export type ScaleOwner = (typeof SCALE_OWNERS)[number];

/** The nearest scale that a viewer may ask for, of a screen with so many device pixels a CSS pixel. */
export function nearestScale(ratio: number): number {
  const { scaleMin, scaleMax, scaleStep } = LIMITS;
  const steps = Math.round(ratio / scaleStep);
  return Math.min(scaleMax, Math.max(scaleMin, steps * scaleStep));
}
