// The audio section of a viewer's offer: which payload types sound may have there, and whether a microphone may come. Read by
// `sdp.ts`; answered by `describe-audio.ts`. Pure.

import type { SoundChannels } from "@eglantine/protocol/formats";

export interface AudioFormat {
  readonly channels: SoundChannels;
  readonly payloadType: number;
  /** For the answer. */
  readonly parameters: string;
  /** Packets that carry the ones before them (RFC 2198), of stereo. */
  readonly redPayloadType: number | undefined;
}

export interface OfferedAudio {
  /** At most one for each number of channels; the first is stereo. */
  readonly formats: readonly AudioFormat[];
  /** The viewer may send: a microphone. */
  readonly microphone: boolean;
}

/** Ours: 10 ms a packet, in-band repair is understood and sent (RFC 7587 section 6.1). */
const STEREO_PARAMETERS = "minptime=10;stereo=1;sprop-stereo=1;useinbandfec=1";
/** Of more channels than two: Chromium's own name, not registered; parameters as it offers them. */
const MULTICHANNEL = /^multiopus\/48000\/([68])$/i;

/** `attributes`: of the audio section, without `a=`. `payloadTypes`: those of its media line. */
export function readAudio(attributes: readonly string[], payloadTypes: readonly string[]): OfferedAudio {
  const values = (name: string) =>
    new Map(
      attributes.flatMap((attribute) => {
        const match = new RegExp(`^${name}:(\\d{1,3}) (.{1,512})$`).exec(attribute);
        const known = match?.[1] !== undefined && Number(match[1]) < 128 && payloadTypes.includes(match[1]);
        return known ? [[Number(match[1]), match[2] ?? ""] as const] : [];
      }),
    );
  const parameters = values("fmtp");
  const formats: AudioFormat[] = [];
  const encodings = [...values("rtpmap")];
  const opus = encodings.find(([, encoding]) => /^opus\/48000\/2$/i.test(encoding))?.[0];
  if (opus !== undefined) {
    const red = encodings.find(
      ([payloadType, encoding]) =>
        /^red\/48000\/2$/i.test(encoding) && new RegExp(`^${opus}(/${opus})*$`).test(parameters.get(payloadType) ?? ""),
    );
    formats.push({ channels: 2, payloadType: opus, parameters: STEREO_PARAMETERS, redPayloadType: red?.[0] });
  }
  for (const [payloadType, encoding] of encodings) {
    const channels = Number(MULTICHANNEL.exec(encoding)?.[1]) as SoundChannels;
    const given = parameters.get(payloadType) ?? "";
    if (formats.some((format) => format.channels === channels) || !/^[\w=;, ]{1,128}$/.test(given)) continue;
    if (channels === 6 || channels === 8) {
      formats.push({ channels, payloadType, parameters: given, redPayloadType: undefined });
    }
  }
  return { formats, microphone: !attributes.includes("recvonly") };
}
