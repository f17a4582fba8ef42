// H.264 on an NVIDIA GPU. Tried by `select.ts`, done by native/nvenc_encoder.cc.

import type { VideoSource } from "./source.ts";

export const nvenc: VideoSource = {
  name: "nvh264enc",
  codec: "h264",
  native: "nvenc",
  merit: "the GPU encodes",
  probe: (addon) => addon.probeEncoder("nvenc", false),
};
