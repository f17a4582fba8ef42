// Codec → packetizer. Made by `stream-packets.ts`, one for each codec that a stream carries.

import type { Codec } from "@eglantine/protocol/formats";
import { Av1Packetizer } from "./av1.ts";
import { H264Packetizer } from "./h264.ts";
import { H265Packetizer } from "./h265.ts";
import type { Packetizer } from "./payload.ts";
import { Vp8Packetizer } from "./vp8.ts";
import { Vp9Packetizer } from "./vp9.ts";

/** `pictureId`: where the codecs that number their pictures begin, 15 bits. */
export function createPacketizer(codec: Codec, pictureId: number): Packetizer {
  switch (codec) {
    case "h264":
      return new H264Packetizer();
    case "h265":
      return new H265Packetizer();
    case "vp8":
      return new Vp8Packetizer(pictureId);
    case "vp9":
      return new Vp9Packetizer(pictureId);
    case "av1":
      return new Av1Packetizer();
  }
}
