// H.264 on the CPU with Cisco's library. Tried by `select.ts`, done by native/openh264_encoder.cc.

import { nativeSource } from "./source.ts";

export const openh264 = nativeSource({
  name: "openh264enc",
  codec: "h264",
  native: "openh264-h264",
  merit: "the CPU encodes",
});
