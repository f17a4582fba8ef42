// Story: whichever encoder I choose, my browser shows the desktop: by WebRTC, and over one TCP connection.

import type { PicturePath, DesktopPage } from "../harness/desktop-page.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../harness/until.ts";
import type { Colour, EventWindow } from "../harness/x-screen.ts";
import { Desktop } from "./desktop.ts";

/** Each encoder's first picture after another one's is proof that a decoder was changed under way. */
const ENCODERS = [
  { name: "vp8enc", mimeType: "video/VP8", sample: "vp8" },
  { name: "vp9enc", mimeType: "video/VP9", sample: "vp09.00.31.08" },
  { name: "av1enc", mimeType: "video/AV1", sample: "av01.0.08M.08" },
  { name: "svtav1enc", mimeType: "video/AV1", sample: "av01.0.08M.08" },
  { name: "openh264enc", mimeType: "video/H264", sample: "avc1.42e01f" },
  { name: "x265enc", mimeType: "video/H265", sample: "hev1.1.6.L93.90" },
  { name: "x264enc", mimeType: "video/H264", sample: "avc1.42e01f" },
] as const;
const PATHS: readonly PicturePath[] = ["webrtc", "socket"];
/** RGB of the page, of what 4:2:0 and Chromium's own conversion leave of a flat colour. */
const TOLERANCE = 14;

/** The MIME type of what arrives by RTP. */
const received = (viewer: DesktopPage) =>
  viewer.page.evaluate(async () => {
    const { eglantineTestPeers } = globalThis as unknown as { eglantineTestPeers: RTCPeerConnection[] };
    const peer = eglantineTestPeers.findLast(({ connectionState }) => connectionState === "connected");
    const rows: Record<string, string>[] = [];
    (await peer?.getStats())?.forEach((row: Record<string, string>) => rows.push(row));
    const video = rows.find((row) => row["type"] === "inbound-rtp" && row["kind"] === "video");
    return rows.find((row) => row["id"] === video?.["codecId"])?.["mimeType"];
  });

describe.each(PATHS)("by %s", (path) => {
  let desktop: Desktop;
  let viewer: DesktopPage;
  let window: EventWindow;
  const shown = () => viewer.byTestId("encoder-name").innerText();
  const why = () => viewer.byTestId("encoder-name").getAttribute("title");

  beforeAll(async () => {
    desktop = await Desktop.open({ env: { EGLANTINE_PATHS: path } });
    window = await desktop.screen.openWindow(0, 0, 1000, 700, [90, 90, 90]);
    viewer = await desktop.connect({ path, query: { stats: "true" } });
    await viewer.page.keyboard.press("Control+Alt+Shift+M");
    await viewer.byTestId("open-settings").click();
  });
  afterAll(() => desktop?.close());

  test.for(ENCODERS.map((encoder, index) => ({ ...encoder, index })))("$name is decoded", async (encoder, { skip }) => {
    const { name, mimeType, sample, index } = encoder;
    const decodable = await viewer.page.evaluate(
      async ([byRtp, mime, codec]) =>
        byRtp === true
          ? RTCRtpReceiver.getCapabilities("video")?.codecs.some((one) => one.mimeType === mime)
          : (await VideoDecoder.isConfigSupported({ codec: String(codec) })).supported,
      [path === "webrtc", mimeType, sample],
    );
    await viewer.byTestId("setting-encoder").selectOption(name);
    if (decodable !== true) {
      const reason = `${name}: the viewer does not decode`;
      await until("the reason", async () => (await why())?.includes(reason) === true);
      expect(await shown()).not.toContain(name);
      skip(`this Chromium does not decode ${mimeType} by ${path}`);
    }
    await until(`${name} in the statistics`, async () => (await shown()).includes(name));
    const colour: Colour = [30 + 25 * index, 200 - 20 * index, 60 + 15 * index];
    await window.paint(colour);
    await viewer.waitForPixel(250, 450, colour, TOLERANCE);
    if (path === "webrtc") await until(mimeType, async () => (await received(viewer)) === mimeType);
    expect(desktop.agent.log().split("viewer let in")).toHaveLength(2);
  });

  test.each(["4:4:4", "4:2:0"])("x264enc is decoded with colour %s", async (spoken) => {
    await viewer.byTestId("setting-encoder").selectOption("x264enc");
    await viewer.byTestId("setting-chroma").selectOption(spoken.replaceAll(":", ""));
    await viewer.page.getByText(`The picture is ${spoken} now.`).waitFor();
    const colour: Colour = spoken === "4:4:4" ? [20, 170, 40] : [180, 30, 150];
    await window.paint(colour);
    await viewer.waitForPixel(250, 450, colour, TOLERANCE);
    expect(await shown()).toContain("x264enc");
    expect(desktop.agent.log().split("viewer let in")).toHaveLength(2);
  });
});
