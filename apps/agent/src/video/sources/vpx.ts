// VP8 and VP9 on the CPU. Tried by `select.ts`, done by native/vpx_encoder.cc.

import { nativeSource } from "./source.ts";

export const vp9 = nativeSource({
  name: "vp9enc",
  codec: "vp9",
  native: "vpx-vp9",
  merit: "the CPU encodes, for viewers without H.264",
});

export const vp8 = nativeSource({
  name: "vp8enc",
  codec: "vp8",
  native: "vpx-vp8",
  merit: "the CPU encodes what every viewer decodes",
});
