// H.264 on the CPU. Tried by `select.ts`, done by native/x264_encoder.cc.

import type { VideoSource } from "./source.ts";

export const x264: VideoSource = {
  name: "x264enc",
  codec: "h264",
  native: "x264",
  merit: "the CPU encodes, which works everywhere",
  probe: (addon) => addon.probeEncoder("x264", false),
};
