// AV1 on the CPU. Tried by `select.ts`, done by native/aom_encoder.cc and svt_encoder.cc.

import { nativeSource, type VideoSource } from "./source.ts";

export const aomAv1 = nativeSource({
  name: "av1enc",
  codec: "av1",
  native: "aom-av1",
  merit: "the CPU encodes small pictures",
});

export const svtAv1 = nativeSource({
  name: "svtav1enc",
  codec: "av1",
  native: "svt-av1",
  merit: "the CPU encodes small pictures, with all its cores",
});

/** Measured with low_latency and the shortest look ahead: rav1e 0.5 holds 4 pictures back, rav1e 0.7 holds 13. */
export const rav1e: VideoSource = {
  name: "rav1enc",
  codec: "av1",
  chroma444: false,
  native: "rav1e",
  merit: "",
  probe: () =>
    Promise.resolve(
      "rav1e gives out a picture only when at least four more have come; av1enc and svtav1enc don't wait",
    ),
};
