// What an answer says of each media section: formats under the offer's payload types, header extensions, streams. From
// `sdp.ts`; `webrtc.ts` makes the library's own descriptions of it. Pure.

import { type Offer, extensionLines } from "./sdp.ts";
import type { Sender } from "./sender.ts";

export interface SectionPlan {
  readonly mid: string;
  readonly direction: "SendOnly" | "SendRecv";
  readonly codecs: readonly { readonly payloadType: number; readonly name: string; readonly parameters: string }[];
  /** Payload types of retransmission, and what they repeat. */
  readonly rtx: readonly { readonly payloadType: number; readonly of: number }[];
  readonly ssrcs: readonly number[];
  /** The stream and the track that the viewer sees. */
  readonly stream: string;
  readonly track: string;
  /** Further attributes, without `a=`. */
  readonly lines: readonly string[];
}

const ENCODING_NAMES = { h264: "H264", h265: "H265", vp8: "VP8", vp9: "VP9", av1: "AV1" } as const;

/** All formats of the offer that we send, each under its own payload type. */
export function planVideo({ mid, formats, fec, extensions }: NonNullable<Offer["video"]>, sender: Sender): SectionPlan {
  const lines = extensionLines(extensions);
  const ssrcs = [sender.ssrc];
  const codecs = formats.map(({ codec, payloadType, parameters }) => ({
    payloadType,
    name: ENCODING_NAMES[codec] as string,
    parameters,
  }));
  const rtx = formats.flatMap(({ payloadType, rtxPayloadType }) =>
    rtxPayloadType === undefined ? [] : [{ payloadType: rtxPayloadType, of: payloadType }],
  );
  for (const { payloadType } of formats) {
    lines.push(`rtcp-fb:${payloadType} ccm fir`);
    if (extensions.transportSequence !== undefined) lines.push(`rtcp-fb:${payloadType} transport-cc`);
  }
  if (rtx.length > 0) {
    ssrcs.push(sender.rtxSsrc);
    lines.push(`ssrc-group:FID ${sender.ssrc} ${sender.rtxSsrc}`);
  }
  if (fec !== undefined) {
    codecs.push({ payloadType: fec.payloadType, name: "flexfec-03", parameters: fec.parameters });
    if (extensions.transportSequence !== undefined) lines.push(`rtcp-fb:${fec.payloadType} transport-cc`);
    ssrcs.push(sender.fecSsrc);
    lines.push(`ssrc-group:FEC-FR ${sender.ssrc} ${sender.fecSsrc}`);
  }
  return { mid, direction: "SendOnly", codecs, rtx, ssrcs, stream: "desktop", track: "video", lines };
}

/**
 * A stream of its own beside the picture's: one that both were in would hold the picture back until its sound is played. `microphone`:
 * the viewer may send too.
 */
export function planAudio(
  { mid, formats, extensions }: NonNullable<Offer["audio"]>,
  { ssrc, microphone }: { readonly ssrc: number; readonly microphone: boolean },
): SectionPlan {
  const codecs = formats.flatMap(({ channels, payloadType, redPayloadType, parameters }) => [
    { payloadType, name: channels === 2 ? "opus" : `multiopus/48000/${channels}`, parameters },
    ...(redPayloadType === undefined
      ? []
      : [{ payloadType: redPayloadType, name: "red", parameters: `${payloadType}/${payloadType}` }]),
  ]);
  const lines = extensionLines({
    transportSequence: extensions.transportSequence,
    absoluteSendTime: extensions.absoluteSendTime,
  });
  if (extensions.transportSequence !== undefined) {
    for (const { payloadType } of codecs) lines.push(`rtcp-fb:${payloadType} transport-cc`);
  }
  const direction = microphone ? "SendRecv" : "SendOnly";
  return { mid, direction, codecs, rtx: [], ssrcs: [ssrc], stream: "sound", track: "audio", lines };
}
