import { expect, test } from "vitest";
import { readFormats } from "./sdp-formats.ts";

/** As Chromium 156 offers them, shortened. */
const OFFERED = `rtpmap:96 VP8/90000
rtpmap:97 rtx/90000
fmtp:97 apt=96
rtpmap:98 VP9/90000
fmtp:98 profile-id=0
rtpmap:100 VP9/90000
fmtp:100 profile-id=2
rtpmap:102 H264/90000
fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f
rtpmap:104 H264/90000
fmtp:104 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f
rtpmap:108 H264/90000
fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
rtpmap:109 rtx/90000
fmtp:109 apt=108
rtpmap:41 H264/90000
fmtp:41 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=f4001f
rtpmap:42 rtx/90000
fmtp:42 apt=41
rtpmap:43 H264/90000
fmtp:43 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=f4001f
rtpmap:50 H265/90000
fmtp:50 level-id=180;profile-id=1;tier-flag=0;tx-mode=SRST
rtpmap:51 H265/90000
fmtp:51 level-id=180;profile-id=2;tier-flag=0;tx-mode=SRST
rtpmap:45 AV1/90000
fmtp:45 level-idx=5;profile=0;tier=0
rtpmap:47 AV1/90000
fmtp:47 level-idx=5;profile=1;tier=0
rtpmap:118 red/90000
rtpmap:49 flexfec-03/90000
fmtp:49 repair-window=10000000`.split("\n");
const ALL = OFFERED.flatMap((line) => /^rtpmap:(\d+)/.exec(line)?.[1] ?? []);

test("each format has the payload type that our encoder's profile fits, and its retransmission", () => {
  const { formats } = readFormats(OFFERED, ALL);
  expect(Object.fromEntries(formats.map((entry) => [entry.format, [entry.payloadType, entry.rtxPayloadType]]))).toEqual(
    {
      vp8: [96, 97],
      vp9: [98, undefined],
      h264: [108, 109],
      "h264-444": [41, 42],
      h265: [50, undefined],
      av1: [45, undefined],
    },
  );
  expect(formats.find(({ format }) => format === "h264")).toMatchObject({
    codec: "h264",
    chroma: "420",
    parameters: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
  });
  expect(formats.find(({ format }) => format === "h264-444")).toMatchObject({ codec: "h264", chroma: "444" });
});

test("repair packets are taken with the parameters of the offer", () => {
  expect(readFormats(OFFERED, ALL).fec).toEqual({ payloadType: 49, parameters: "repair-window=10000000" });
  expect(readFormats(OFFERED.slice(0, 5), ALL).fec).toBeUndefined();
});

test("H.264 in single NAL unit mode only, or with an unreadable profile, is no format", () => {
  const offer = (text: string) => readFormats(["rtpmap:100 H264/90000", `fmtp:100 ${text}`], ["100"]).formats;
  expect(offer("packetization-mode=0;profile-level-id=42e01f")).toEqual([]);
  expect(offer("packetization-mode=1;profile-level-id=42e0zz")).toEqual([]);
  expect(offer("packetization-mode=1")).toHaveLength(1);
});

test("payload types that the media line does not name, or beyond 127, do not exist", () => {
  expect(readFormats(["rtpmap:96 VP8/90000"], ["97"]).formats).toEqual([]);
  expect(readFormats(["rtpmap:196 VP8/90000"], ["196"]).formats).toEqual([]);
});
