import { expect, it } from "vitest";
import { codecString } from "./codec-string.ts";

const bytes = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

it("reads H.264's profile and level from the SPS, wherever it stands", () => {
  // x264: access unit delimiter, SPS of High at level 4.2; then High 4:4:4 Predictive.
  const high = "0000000109f0000000016764002aacd940780227e5c044000003004000000f03c60c6580";
  expect(codecString("h264", bytes(high), 1920, 1080)).toBe("avc1.64002a");
  expect(codecString("h264", bytes("00000167f4001f919b28"), 1280, 720)).toBe("avc1.f4001f");
});

it("says nothing about an H.264 picture without parameter sets", () => {
  expect(codecString("h264", bytes("0000000165888400"), 64, 64)).toBeUndefined();
  expect(codecString("h264", bytes("00000001"), 64, 64)).toBeUndefined();
});

it("reads H.265's profile, tier and level, past emulation prevention", () => {
  // x265: VPS, then the SPS of Main at level 4, general_constraint_indicator 90 00 ….
  const vps = "0000000140010c01ffff01600000030090000003000003007899980900";
  const sps = "00000001420101016000000300900000030000030078a003c08010e7f8";
  expect(codecString("h265", bytes(vps + sps), 1920, 1080)).toBe("hev1.1.6.L120.90");
});

it("reads AV1's profile, level and tier from the sequence header", () => {
  // Temporal delimiter, then a sequence header of profile 0, level index 8, main tier.
  const header = `${"0".repeat(24)}01000000`;
  const payload = Uint8Array.from(header.match(/.{8}/g) ?? [], (bits) => Number.parseInt(bits, 2));
  const unit = Uint8Array.from([0x12, 0x00, 0x0a, payload.length + 4, ...payload, 0, 0, 0, 0]);
  expect(codecString("av1", unit, 1920, 1080)).toBe("av01.0.08M.08");
});

it("names VP9 by profile and size, and VP8 by nothing", () => {
  expect(codecString("vp9", bytes("824983420000"), 1920, 1080)).toBe("vp09.00.41.08");
  expect(codecString("vp9", bytes("a24983420000"), 640, 480)).toBe("vp09.01.31.08");
  expect(codecString("vp9", bytes("0000"), 640, 480)).toBeUndefined();
  expect(codecString("vp8", bytes("00"), 640, 480)).toBe("vp8");
});
