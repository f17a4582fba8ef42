// What this browser decodes, by path: goes out in `hello`. Asked while the socket opens. From the browser to `attempt.ts`.

import { FORMATS, type Format } from "@eglantine/protocol/formats";

export interface MediaFormats {
  /** In RTP; none in a browser without WebRTC. */
  readonly webrtc: readonly Format[];
  /** By WebCodecs, which browsers give to secure contexts only. */
  readonly socket: readonly Format[];
}

/** A usual desktop in each format: 1080p at 60 frames a second. */
const SAMPLES: Readonly<Record<Format, string>> = {
  h264: "avc1.64002a",
  "h264-444": "avc1.f4002a",
  h265: "hev1.1.6.L123.90",
  av1: "av01.0.09M.08",
  vp8: "vp8",
  vp9: "vp09.00.41.08",
};

export async function decodableFormats(): Promise<MediaFormats> {
  return { webrtc: rtpFormats(), socket: await codecFormats() };
}

export function rtpFormats(): readonly Format[] {
  if (typeof RTCPeerConnection === "undefined") return [];
  return formatsOfRtp(RTCRtpReceiver.getCapabilities("video")?.codecs ?? []);
}

/** PURE: of RTCRtpCodecs. High 4:4:4 Predictive is profile_idc f4 (H.264 annex A). */
export function formatsOfRtp(
  codecs: readonly { readonly mimeType: string; readonly sdpFmtpLine?: string }[],
): readonly Format[] {
  const has = (mimeType: string, fmtp = /(?:)/): boolean =>
    codecs.some((codec) => codec.mimeType.toLowerCase() === mimeType && fmtp.test(codec.sdpFmtpLine ?? ""));
  const found: Readonly<Record<Format, boolean>> = {
    h264: has("video/h264"),
    "h264-444": has("video/h264", /profile-level-id=f4/i),
    h265: has("video/h265"),
    av1: has("video/av1"),
    vp8: has("video/vp8"),
    vp9: has("video/vp9"),
  };
  return FORMATS.filter((format) => found[format]);
}

async function codecFormats(): Promise<readonly Format[]> {
  if (typeof VideoDecoder === "undefined" || typeof OffscreenCanvas === "undefined") return [];
  const answers = await Promise.all(
    FORMATS.map(async (format) => {
      try {
        const config = { codec: SAMPLES[format], codedWidth: 1920, codedHeight: 1080 };
        return (await VideoDecoder.isConfigSupported(config)).supported === true;
      } catch (error) {
        // A string that a browser does not know at all.
        console.debug("isConfigSupported", format, error);
        return false;
      }
    }),
  );
  return FORMATS.filter((_format, index) => answers[index]);
}
