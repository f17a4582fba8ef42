import { expect, it } from "vitest";
import { formatsOfRtp } from "./formats.ts";

it("reads the formats of Chromium's list, and 4:4:4 only where its profile stands", () => {
  const h264 = (profile: string) => ({
    mimeType: "video/H264",
    sdpFmtpLine: `level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=${profile}`,
  });
  const common = [{ mimeType: "video/VP8" }, { mimeType: "video/rtx" }, h264("42e01f"), { mimeType: "video/red" }];
  expect(formatsOfRtp(common)).toEqual(["h264", "vp8"]);
  const all = [...common, h264("f4001f"), { mimeType: "video/AV1" }, { mimeType: "video/H265" }];
  expect(formatsOfRtp(all)).toEqual(["h264", "h264-444", "h265", "av1", "vp8"]);
});
