// Which video formats a viewer's offer decodes: payload types, parameters and retransmission of each that the agent can
// send, and the one for repair packets. Read by `sdp.ts`; the answer made of it is in `answer.ts`. Pure.

import type { Codec, Format } from "@eglantine/protocol/formats";

export interface VideoFormat {
  readonly format: Format;
  readonly codec: Codec;
  readonly chroma: "420" | "444";
  readonly payloadType: number;
  /** As offered; the answer repeats it. */
  readonly parameters: string;
  readonly rtxPayloadType: number | undefined;
}

export interface OfferedFormats {
  /** At most one of each format. */
  readonly formats: readonly VideoFormat[];
  /** FlexFEC (draft-ietf-payload-flexible-fec-scheme-03), and its parameters. */
  readonly fec: { readonly payloadType: number; readonly parameters: string } | undefined;
}

/** Encoding names of the RTP payload formats, and the protocol's word for the codec. */
const CODEC_OF: ReadonlyMap<string, Codec> = new Map([
  ["H264", "h264"],
  ["H265", "h265"],
  ["VP8", "vp8"],
  ["VP9", "vp9"],
  ["AV1", "av1"],
]);

/** H.264 4:2:0 in order of preference, by profile_idc and constraint flags: what our encoders make plays in all of them. */
const H264_PROFILES = ["42e0", "4200", "4d00", "640c", "6400"];
/** High 4:4:4 Predictive. */
const H264_444_PROFILE = "f400";

interface Entry {
  readonly payloadType: number;
  readonly name: string;
  readonly text: string;
  readonly values: ReadonlyMap<string, string>;
}

/** `attributes`: of the video section, without `a=`. `payloadTypes`: those of its media line. */
export function readFormats(attributes: readonly string[], payloadTypes: readonly string[]): OfferedFormats {
  const entries = readEntries(attributes, payloadTypes);
  const best = new Map<Format, { readonly rank: number; readonly format: VideoFormat }>();
  for (const entry of entries) {
    const codec = CODEC_OF.get(entry.name);
    if (codec === undefined) continue;
    const kind = formatOf(codec, entry.values);
    if (kind === undefined || kind.rank >= (best.get(kind.format)?.rank ?? Number.POSITIVE_INFINITY)) continue;
    best.set(kind.format, {
      rank: kind.rank,
      format: {
        format: kind.format,
        codec,
        chroma: kind.format === "h264-444" ? "444" : "420",
        payloadType: entry.payloadType,
        parameters: entry.text,
        rtxPayloadType: entries.find(
          ({ name, values }) => name === "RTX" && values.get("apt") === String(entry.payloadType),
        )?.payloadType,
      },
    });
  }
  const fec = entries.find(({ name }) => name === "FLEXFEC-03");
  return {
    formats: Array.from(best.values(), ({ format }) => format),
    fec: fec === undefined ? undefined : { payloadType: fec.payloadType, parameters: fec.text },
  };
}

function readEntries(attributes: readonly string[], payloadTypes: readonly string[]): Entry[] {
  const names = new Map<number, string>();
  const parameters = new Map<number, string>();
  for (const attribute of attributes) {
    const match = /^(rtpmap|fmtp):(\d{1,3}) (.{1,512})$/.exec(attribute);
    if (match === null) continue;
    const payloadType = Number(match[2]);
    if (payloadType > 127 || !payloadTypes.includes(String(payloadType))) continue;
    (match[1] === "rtpmap" ? names : parameters).set(payloadType, match[3] ?? "");
  }
  const entries: Entry[] = [];
  for (const [payloadType, name] of names) {
    const match = /^([\w-]{1,32})\/90000$/.exec(name);
    if (match === null) continue;
    const text = parameters.get(payloadType) ?? "";
    entries.push({ payloadType, name: (match[1] ?? "").toUpperCase(), text, values: readParameters(text) });
  }
  return entries;
}

/** The protocol's word for what these parameters say, and how good it is; `undefined`: not what our encoders make. */
function formatOf(codec: Codec, values: ReadonlyMap<string, string>): { format: Format; rank: number } | undefined {
  switch (codec) {
    case "h264": {
      if (values.get("packetization-mode") !== "1") return undefined;
      const profile = (values.get("profile-level-id") ?? "42e01f").toLowerCase();
      if (!/^[\da-f]{6}$/.test(profile)) return undefined;
      if (profile.startsWith(H264_444_PROFILE)) return { format: "h264-444", rank: 0 };
      const rank = H264_PROFILES.indexOf(profile.slice(0, 4));
      return rank < 0 ? undefined : { format: "h264", rank };
    }
    case "h265": {
      // RFC 7798 section 7.1: Main is profile 1, and the default; packets in decoding order.
      const main = (values.get("profile-id") ?? "1") === "1" && (values.get("sprop-max-don-diff") ?? "0") === "0";
      return main ? { format: "h265", rank: 0 } : undefined;
    }
    case "vp9":
      return (values.get("profile-id") ?? "0") === "0" ? { format: "vp9", rank: 0 } : undefined;
    case "av1":
      return (values.get("profile") ?? "0") === "0" ? { format: "av1", rank: 0 } : undefined;
    case "vp8":
      return { format: "vp8", rank: 0 };
  }
}

function readParameters(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const part of text.split(";")) {
    const [name, value] = part.trim().split("=");
    if (name !== undefined && value !== undefined) values.set(name.toLowerCase(), value);
  }
  return values;
}
