// How large a picture H.264 may have: what is larger is coded smaller, and the viewer enlarges it. PURE. Used by `pipeline.ts`.

import type { Codec } from "./types.ts";

/**
 * H.264 level 5.2 (Table A-1, MaxFS), macroblocks: 4096x2304. Decoders in hardware end there, and Chromium's WebRTC shows nothing of
 * level 6 at all (tried in 156); VP9, AV1 and H.265 are shown whole.
 */
const H264_BLOCKS = 36_864;
const BLOCK_PX = 16;
const STEP = 0.998;

/** The largest scale of the picture, up to 1, of a screen of this size. */
export function largestScale(codec: Codec, widthPx: number, heightPx: number): number {
  if (codec !== "h264" || widthPx === 0 || heightPx === 0) return 1;
  // As `stream.cc` rounds it.
  const blocks = (sidePx: number, scale: number): number =>
    Math.ceil((Math.round((sidePx * scale) / 2) * 2) / BLOCK_PX);
  let scale = Math.min(1, Math.sqrt((H264_BLOCKS * BLOCK_PX * BLOCK_PX) / (widthPx * heightPx)));
  while (blocks(widthPx, scale) * blocks(heightPx, scale) > H264_BLOCKS) scale *= STEP;
  return scale;
}
