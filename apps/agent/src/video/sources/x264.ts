// H.264 on the CPU. Tried by `select.ts`, done by native/x264_encoder.cc.

import { nativeSource } from "./source.ts";

export const x264 = nativeSource({
  name: "x264enc",
  codec: "h264",
  chroma444: true,
  native: "x264",
  merit: "the CPU encodes, which works everywhere",
});
