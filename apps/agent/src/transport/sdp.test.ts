import { ProtocolError } from "@eglantine/protocol/field";
import { expect, test } from "vitest";
import { readOffer, usableCandidate } from "./sdp.ts";

const OFFER = `v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
m=video 9 UDP/TLS/RTP/SAVPF 96 102 103 108 109 114
c=IN IP4 0.0.0.0
a=ice-ufrag:xYUk
a=ice-pwd:g0XvXIRIcx4KXNEL9UHel68K
a=fingerprint:sha-256 E8:19
a=candidate:1 1 udp 2113937151 10.0.0.7 45208 typ host
a=mid:0
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:15 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay
a=recvonly
a=rtpmap:96 VP8/90000
a=rtpmap:102 H264/90000
a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
a=rtpmap:108 H264/90000
a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
a=rtpmap:109 rtx/90000
a=fmtp:109 apt=108
a=rtpmap:114 H264/90000
a=fmtp:114 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
a=mid:1
`.replaceAll("\n", "\r\n");

test("extension ids are read, those that need the two-byte form are not offered", () => {
  expect(readOffer(OFFER).video?.extensions).toEqual({ absoluteSendTime: 2, transportSequence: 4 });
});

test("candidates come out of the text with their section's mid", () => {
  const offer = readOffer(OFFER);
  expect(offer.candidates).toEqual([{ candidate: "candidate:1 1 udp 2113937151 10.0.0.7 45208 typ host", mid: "0" }]);
  expect(offer.sdp).not.toContain("a=candidate");
});

test("no video section that the agent may send in, and none at all, are told apart from garbage", () => {
  expect(readOffer(OFFER.replace("a=recvonly", "a=sendonly")).video).toBeUndefined();
  expect(readOffer(OFFER.replaceAll(/H264|VP8/g, "H999")).video?.formats).toEqual([]);
});

test("an audio section is read where sound may be sent in it, and is none without Opus", () => {
  const audio = (more: string) =>
    readOffer(
      `${OFFER}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:2\r\na=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n${more}`,
    ).audio;
  const opus = "a=rtpmap:111 opus/48000/2\r\n";
  expect(audio(`a=sendrecv\r\n${opus}`)).toMatchObject({
    mid: "2",
    microphone: true,
    extensions: { transportSequence: 4 },
    formats: [{ channels: 2, payloadType: 111 }],
  });
  expect(audio(`a=recvonly\r\n${opus}`)?.microphone).toBe(false);
  expect(audio(`a=sendonly\r\n${opus}`)).toBeUndefined();
  expect(audio("a=sendrecv\r\na=rtpmap:111 PCMU/8000\r\n")).toBeUndefined();
  expect(readOffer(OFFER).audio).toBeUndefined();
});

test.each([
  ["nothing", ""],
  ["no version", OFFER.slice(5)],
  ["no section", OFFER.slice(0, OFFER.indexOf("m="))],
  ["no password", OFFER.replace("a=ice-pwd", "a=ice-pwt")],
  ["no mid", OFFER.replace("a=mid:0", "a=mod:0")],
  ["one mid twice", OFFER.replace("a=mid:1", "a=mid:0")],
  ["a control character", OFFER.replace("H264", "H26\u0000")],
  ["a line without a type", OFFER.replace("c=IN", "IN")],
  ["one id for two extensions", OFFER.replace("extmap:4", "extmap:2")],
  ["too many lines", OFFER + "a=x\r\n".repeat(5000)],
  ["too long", OFFER + `a=${"x".repeat(4000)}\r\n`.repeat(40)],
  ["thousands of candidates", OFFER + "a=candidate:1 1 udp 1 10.0.0.7 45208 typ host\r\n".repeat(2000)],
  ["too many sections", OFFER + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n".repeat(40)],
])("an offer with %s is refused", (_name, sdp) => {
  expect(() => readOffer(sdp)).toThrow(ProtocolError);
});

const HIDDEN = "candidate:1 1 udp 2113937151 a-b-c.local 45208 typ host generation 0";

test.each([
  ["an address", HIDDEN.replace("a-b-c.local", "fd00::7"), undefined, HIDDEN.replace("a-b-c.local", "fd00::7")],
  ["a hidden name and no known address", HIDDEN, undefined, undefined],
  ["a hidden name and a known address", HIDDEN, "::ffff:10.1.2.3", HIDDEN.replace("a-b-c.local", "10.1.2.3")],
  ["a name that would have to be looked up", HIDDEN.replace("a-b-c.local", "example.org"), "10.1.2.3", undefined],
  ["TCP", HIDDEN.replace("udp", "tcp"), "10.1.2.3", undefined],
  ["the end of candidates", "", undefined, undefined],
])("candidate with %s", (_name, candidate, viewerAddress, expected) => {
  expect(usableCandidate(candidate, viewerAddress)).toBe(expected);
});

test.each(["rubbish", `${HIDDEN}\r\na=setup:active`, `candidate:${"1".repeat(5000)}`])(
  "%j is no candidate",
  (candidate) => {
    expect(() => usableCandidate(candidate, undefined)).toThrow(ProtocolError);
  },
);
