import { expect, it } from "vitest";
import { offerSound } from "./offer-sound.ts";

/** As Chromium 156 makes it, shortened. */
const OFFER = [
  "v=0",
  "m=video 9 UDP/TLS/RTP/SAVPF 96 35",
  "a=rtpmap:96 VP8/90000",
  "a=rtpmap:35 AV1/90000",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111 63",
  "a=rtpmap:111 opus/48000/2",
  "a=fmtp:111 minptime=10;useinbandfec=1",
  "a=rtpmap:63 red/48000/2",
  "",
].join("\r\n");

it("says that stereo is taken, once", () => {
  const stereo = offerSound(OFFER, 2);
  expect(stereo).toContain("a=fmtp:111 stereo=1;sprop-stereo=1;minptime=10;useinbandfec=1\r\n");
  expect(offerSound(stereo, 2)).toBe(stereo);
});

it("adds Opus of several channels under a payload type that is free", () => {
  const surround = offerSound(OFFER, 6);
  expect(surround).toContain("m=audio 9 UDP/TLS/RTP/SAVPF 111 63 36\r\n");
  expect(surround).toContain("a=rtpmap:36 multiopus/48000/6\r\na=fmtp:36 channel_mapping=");
  expect(surround).toContain("m=video 9 UDP/TLS/RTP/SAVPF 96 35\r\n");
});

it("leaves an offer without Opus as it is", () => {
  const none = OFFER.replace("opus/48000/2", "PCMU/8000");
  expect(offerSound(none, 6)).toBe(none);
});
