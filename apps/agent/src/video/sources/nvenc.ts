// An NVIDIA GPU. Tried by `select.ts`, done by native/nvenc_encoder.cc.

import { nativeSource } from "./source.ts";

export const nvencH264 = nativeSource({
  name: "nvh264enc",
  codec: "h264",
  chroma444: true,
  native: "nvenc-h264",
  merit: "the GPU encodes",
});

export const nvencH265 = nativeSource({
  name: "nvh265enc",
  codec: "h265",
  native: "nvenc-h265",
  merit: "the GPU encodes",
});

export const nvencAv1 = nativeSource({
  name: "nvav1enc",
  codec: "av1",
  native: "nvenc-av1",
  merit: "the GPU encodes",
});
