// The largest desktop that a viewer gets. PURE. Used by `session/display.ts` and, for noVNC's own requests, by `server/rfb-filter.ts`.

import { LIMITS } from "@eglantine/protocol/limits";
import type { Screen } from "../input/types.ts";

/** H.264 level 6.2 (Table A-1, MaxFS) ends at 139,264 macroblocks; this is the largest common picture within it. */
const MAX_PIXELS = 8192 * 4320;
const BLOCK_PX = 16;

/** The wanted size, or the largest one of its shape within `max` and what can be coded; `max` holds either way round. */
export function fitDesktop({ widthPx, heightPx }: Screen, max: Screen): Screen {
  const factor = Math.min(
    1,
    Math.max(max.widthPx, max.heightPx) / Math.max(widthPx, heightPx),
    Math.min(max.widthPx, max.heightPx) / Math.min(widthPx, heightPx),
    Math.sqrt(MAX_PIXELS / (inBlocks(widthPx) * inBlocks(heightPx))),
  );
  if (factor === 1) return { widthPx, heightPx };
  const side = (px: number): number => Math.max(LIMITS.displayMinPx, Math.floor((px * factor + 1e-6) / 2) * 2);
  return { widthPx: side(widthPx), heightPx: side(heightPx) };
}

function inBlocks(px: number): number {
  return Math.ceil(px / BLOCK_PX) * BLOCK_PX;
}
