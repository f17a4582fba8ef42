// An AMD or Intel GPU through VA-API. Tried by `select.ts`, done by native/vaapi_encoder.cc.

import type { Codec } from "../types.ts";
import { nativeSource } from "./source.ts";

const vaapi = (name: string, codec: Codec, libavcodec: string) =>
  nativeSource({ name, codec, native: `vaapi-${libavcodec}`, merit: "the GPU encodes" });

export const vaapiH264 = vaapi("vah264enc", "h264", "h264_vaapi");
export const vaapiH265 = vaapi("vah265enc", "h265", "hevc_vaapi");
export const vaapiAv1 = vaapi("vaav1enc", "av1", "av1_vaapi");
export const vaapiVp9 = vaapi("vavp9enc", "vp9", "vp9_vaapi");
export const vaapiVp8 = vaapi("vavp8enc", "vp8", "vp8_vaapi");
