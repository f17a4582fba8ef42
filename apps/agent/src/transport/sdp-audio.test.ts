import { describe, expect, it } from "vitest";
import { readAudio } from "./sdp-audio.ts";

/** As Chromium 156 offers it, with our own line for six channels. */
const OFFER = [
  "rtpmap:111 opus/48000/2",
  "rtcp-fb:111 transport-cc",
  "fmtp:111 minptime=10;stereo=1;useinbandfec=1",
  "rtpmap:63 red/48000/2",
  "fmtp:63 111/111",
  "rtpmap:35 multiopus/48000/6",
  "fmtp:35 channel_mapping=0,1,4,5,2,3;coupled_streams=2;num_streams=4",
  "rtpmap:9 G722/8000",
  "sendrecv",
];
const TYPES = ["111", "63", "35", "9"];

describe("an offer's audio section", () => {
  it("has Opus, redundancy for it, and what it takes of more channels", () => {
    const { formats, microphone } = readAudio(OFFER, TYPES);
    expect(formats.map(({ channels, payloadType, redPayloadType }) => [channels, payloadType, redPayloadType])).toEqual(
      [
        [2, 111, 63],
        [6, 35, undefined],
      ],
    );
    expect(microphone).toBe(true);
  });

  it("that only receives has no microphone", () => {
    expect(readAudio([...OFFER.slice(0, -1), "recvonly"], TYPES).microphone).toBe(false);
  });

  it("whose redundancy is of something else has none", () => {
    const other = OFFER.map((line) => (line === "fmtp:63 111/111" ? "fmtp:63 9/9" : line));
    expect(readAudio(other, TYPES).formats[0]?.redPayloadType).toBeUndefined();
  });

  it("without Opus has nothing for us", () => {
    expect(readAudio(["rtpmap:9 G722/8000"], ["9"]).formats).toEqual([]);
  });

  it("takes no payload type that its media line does not name, and no parameters that are none", () => {
    expect(readAudio(OFFER, ["63", "9"]).formats).toEqual([]);
    const odd = OFFER.map((line) => (line.startsWith("fmtp:35") ? "fmtp:35 a\u00e4=1" : line));
    expect(readAudio(odd, TYPES).formats.map(({ channels }) => channels)).toEqual([2]);
  });
});
