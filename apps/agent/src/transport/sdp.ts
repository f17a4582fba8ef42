// Reads what matters of a viewer's SDP offer (RFC 8866, RFC 8829): the formats of video (`sdp-formats.ts`) and audio (`sdp-audio.ts`),
// header extension ids and the candidates, which it takes out of the text so that only checked ones reach the ICE library.
// Comes from `session/`, goes to `webrtc.ts`. Pure; throws ProtocolError, and nothing else, for what is no offer.

import { ProtocolError } from "@eglantine/protocol/field";
import { LIMITS } from "@eglantine/protocol/limits";
import type { ExtensionIds } from "./rtp.ts";
import { type OfferedAudio, readAudio } from "./sdp-audio.ts";
import { type OfferedFormats, readFormats } from "./sdp-formats.ts";

export interface IceCandidate {
  readonly candidate: string;
  readonly mid: string;
}

export interface Offer {
  /** The offer without its candidates. */
  readonly sdp: string;
  readonly candidates: readonly IceCandidate[];
  /** `undefined`: no video section, or none that the agent may send in. */
  readonly video: ({ readonly mid: string; readonly extensions: ExtensionIds } & OfferedFormats) | undefined;
  /** `undefined`: no audio section, none that the agent may send in, or no Opus in it. */
  readonly audio: ({ readonly mid: string; readonly extensions: ExtensionIds } & OfferedAudio) | undefined;
  /** True when it has a section for data channels. */
  readonly hasData: boolean;
}

const MAX_LINES = 4096;
const MAX_SECTIONS = 32;
const MAX_LINE_CHARS = 4096;
const TOKEN = /^[\w!#$%&'*+.^`{|}~-]{1,64}$/;

const EXTENSION_URIS = {
  playoutDelay: "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
  transportSequence: "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
  absoluteSendTime: "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
  colorSpace: "http://www.webrtc.org/experiments/rtp-hdrext/color-space",
} as const satisfies Record<keyof ExtensionIds, string>;

interface Section {
  readonly kind: string;
  readonly formats: readonly string[];
  readonly attributes: string[];
}

export function readOffer(sdp: string): Offer {
  if (sdp.length > LIMITS.sdpChars) throw new ProtocolError("SDP: too long");
  const lines = sdp.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  if (lines.length > MAX_LINES) throw new ProtocolError("SDP: too many lines");
  if (lines[0] !== "v=0") throw new ProtocolError("SDP: no version line");
  const common: Section = { kind: "session", formats: [], attributes: [] };
  const sections: Section[] = [];
  const kept: string[] = [];
  const candidates: { candidate: string; section: Section }[] = [];
  let section = common;
  for (const line of lines) {
    if (line.length > MAX_LINE_CHARS || !/^[a-z]=[\t\x20-\uffff]*$/.test(line))
      throw new ProtocolError("SDP: bad line");
    if (line.startsWith("m=")) {
      section = readSection(line);
      sections.push(section);
      if (sections.length > MAX_SECTIONS) throw new ProtocolError("SDP: too many sections");
    } else if (line.startsWith("a=candidate:")) {
      candidates.push({ candidate: line.slice(2), section });
      continue;
    } else if (line === "a=end-of-candidates") {
      continue;
    } else if (line.startsWith("a=")) {
      section.attributes.push(line.slice(2));
    }
    kept.push(line);
  }
  if (sections.length === 0) throw new ProtocolError("SDP: no media section");
  if (candidates.length > LIMITS.candidates) throw new ProtocolError("SDP: too many candidates");
  for (const name of ["ice-ufrag", "ice-pwd", "fingerprint"]) {
    const everywhere = valueOf(common, name) !== undefined;
    if (!everywhere && sections.every((part) => valueOf(part, name) === undefined)) {
      throw new ProtocolError(`SDP: no ${name}`);
    }
  }
  const mids = sections.map(midOf);
  if (new Set(mids).size !== mids.length) throw new ProtocolError("SDP: two sections with one mid");
  return {
    sdp: `${kept.join("\r\n")}\r\n`,
    candidates: candidates.map((entry) => ({
      candidate: entry.candidate,
      mid: entry.section === common ? (mids[0] ?? "") : midOf(entry.section),
    })),
    video: readVideo(sections),
    audio: readSound(sections),
    hasData: sections.some((part) => part.kind === "application"),
  };
}

/** `m=video 9 UDP/TLS/RTP/SAVPF 96 97 …` */
function readSection(line: string): Section {
  const [kind, port, protocol, ...formats] = line.slice(2).split(" ");
  if (kind === undefined || !TOKEN.test(kind) || port === undefined || !/^\d{1,5}$/.test(port)) {
    throw new ProtocolError("SDP: bad media line");
  }
  if (protocol === undefined || formats.length === 0 || formats.length > 256) {
    throw new ProtocolError("SDP: bad media line");
  }
  return { kind, formats, attributes: [] };
}

function valueOf(section: Section, name: string): string | undefined {
  const prefix = `${name}:`;
  return section.attributes.find((attribute) => attribute.startsWith(prefix))?.slice(prefix.length);
}

function midOf(section: Section): string {
  const mid = valueOf(section, "mid");
  if (mid === undefined || !TOKEN.test(mid)) throw new ProtocolError("SDP: section without mid");
  return mid;
}

function readVideo(sections: readonly Section[]): Offer["video"] {
  const section = receiving(sections, "video");
  if (section === undefined) return undefined;
  const extensions = readExtensions(section);
  return { mid: midOf(section), extensions, ...readFormats(section.attributes, section.formats) };
}

function readSound(sections: readonly Section[]): Offer["audio"] {
  const section = receiving(sections, "audio");
  if (section === undefined) return undefined;
  const audio = readAudio(section.attributes, section.formats);
  if (audio.formats[0]?.channels !== 2) return undefined;
  return { mid: midOf(section), extensions: readExtensions(section), ...audio };
}

function receiving(sections: readonly Section[], kind: string): Section | undefined {
  return sections.find(
    (part) => part.kind === kind && !part.attributes.includes("sendonly") && !part.attributes.includes("inactive"),
  );
}

/** Ids of the extensions we send; an id that needs the two-byte form counts as not offered. */
function readExtensions(section: Section): ExtensionIds {
  const ids: { -readonly [Name in keyof ExtensionIds]: number } = {};
  const used = new Set<number>();
  for (const attribute of section.attributes) {
    const match = /^extmap:(\d{1,4})(?:\/[a-z]{8,8})? (\S{1,256})/.exec(attribute);
    if (match === null) continue;
    const id = Number(match[1]);
    for (const [name, uri] of Object.entries(EXTENSION_URIS)) {
      if (match[2] !== uri || id < 1 || id > 14) continue;
      if (used.has(id)) throw new ProtocolError("SDP: two extensions with one id");
      used.add(id);
      ids[name as keyof ExtensionIds] = id;
    }
  }
  return ids;
}

/** The lines of an answer that say which extensions are taken: `extmap:5 uri`, …. */
export function extensionLines(ids: ExtensionIds): string[] {
  return Object.entries(EXTENSION_URIS).flatMap(([name, uri]) => {
    const id = ids[name as keyof ExtensionIds];
    return id === undefined ? [] : [`extmap:${id} ${uri}`];
  });
}

/**
 * A viewer's candidate as the ICE library may see it: UDP with an IP address. A host name (mDNS) is never looked up
 * because a viewer says so; `viewerAddress`, where signalling comes from, stands in for it. A right guess saves the 50 ms
 * that libjuice waits before it checks an address that it did not know; a wrong one costs a few datagrams to that viewer.
 * Returns `undefined` for an honest one that is of no use. Throws ProtocolError for what is no candidate.
 */
export function usableCandidate(candidate: string, viewerAddress: string | undefined): string | undefined {
  const text = candidate.startsWith("a=") ? candidate.slice(2) : candidate;
  if (text === "") return undefined;
  const match = CANDIDATE.exec(text);
  if (match === null || !/^[\x20-\x7e]*$/.test(text)) throw new ProtocolError("ICE: no candidate");
  const [, head, protocol = "", priority, address = "", port, rest] = match;
  if (protocol.toLowerCase() !== "udp" || Number(port) === 0 || Number(port) > 65535) return undefined;
  if (isAddress(address)) return text;
  const known = viewerAddress?.replace(/^::ffff:(?=\d+\.)/i, "");
  if (known === undefined || !isAddress(known) || !address.endsWith(".local")) return undefined;
  return `${head} ${protocol} ${priority} ${known} ${port}${rest}`;
}

/** RFC 8839 section 5.1: what stands before the transport, transport, priority, address, port, the rest. */
const CANDIDATE =
  /^(candidate:[\w+/]{1,32} \d{1,5}) (\S{1,16}) (\d{1,10}) (\S{1,253}) (\d{1,5})( typ [a-z]{1,8}(?: .*)?)$/i;

function isAddress(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) || /^[\da-f:.]*:[\da-f:.]*$/i.test(text);
}
