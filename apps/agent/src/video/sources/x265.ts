// H.265 on the CPU. Tried by `select.ts`, done by native/x265_encoder.cc.

import { nativeSource } from "./source.ts";

export const x265 = nativeSource({
  name: "x265enc",
  codec: "h265",
  native: "x265-h265",
  merit: "the CPU encodes, for viewers that decode H.265 alone",
});
