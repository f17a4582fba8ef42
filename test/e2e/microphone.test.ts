// Story: I speak to my desktop. The viewer's sound server has a microphone that hears a program; what the desktop's programs record of it is
// recorded at the session's sound server.

import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { DesktopPage, DesktopPageOptions } from "../harness/desktop-page.ts";
import { LossyLink } from "../harness/desktop-page-link.ts";
import { hearsSpeech, Speaker } from "../harness/listening.ts";
import { Recorder, SoundServer } from "../harness/sound.ts";
import { until } from "../harness/until.ts";
import { Desktop } from "./desktop.ts";

let session: SoundServer;
let mouth: SoundServer;
let desktop: Desktop;
let recorder: Recorder;
let viewer: DesktopPage | undefined;
let speaker: Speaker;

beforeAll(async () => {
  session = await SoundServer.start();
  mouth = await SoundServer.start();
  desktop = await Desktop.open({
    rfb: true,
    env: { ENABLE_BASIC_AUTH: "true", BASIC_AUTH_PASSWORD: "all", NOVNC_VIEWPASS: "watch" },
    sound: { desktop: session.address, viewer: mouth.address },
  });
  recorder = await Recorder.start(session.address, { source: "virtual_mic", channels: 1 });
  speaker = Speaker.start(mouth.address);
});
afterAll(async () => {
  await speaker?.close();
  await recorder?.close();
  await desktop?.close();
  await mouth?.close();
  await session?.close();
});
afterEach(async () => {
  await viewer?.close();
  viewer = undefined;
});

async function connect(options: DesktopPageOptions = {}): Promise<DesktopPage> {
  viewer = await desktop.connect({ permissions: ["microphone"], user: "user", password: "all", ...options });
  return viewer;
}

async function turnOn(of: DesktopPage): Promise<void> {
  await of.byTestId("toolbar-handle").click();
  await of.byTestId("toggle-microphone").click();
  await of.byTestId("microphone-on").waitFor();
}

const isHeard = () => hearsSpeech(recorder);

/** Nothing at all is recorded for a second. */
async function isSilent(): Promise<void> {
  await until(
    "silence",
    async () => {
      const [samples] = await recorder.next(1);
      return samples?.every((sample) => sample === 0) === true;
    },
    { limitMs: 20_000 },
  );
}

test("nothing of it leaves before it is turned on, and what is said then is recorded on the desktop", async () => {
  const over = await connect();
  await isSilent();
  expect(await over.byTestId("microphone-on").isVisible()).toBe(false);
  await turnOn(over);
  await isHeard();
  expect(await over.count("outbound-rtp", "packetsSent", "audio")).toBeGreaterThan(10);
  await over.byTestId("microphone-on").click();
  await isSilent();
});

test("over TCP too, and through the change from UDP to TCP and back", async () => {
  const link = await LossyLink.open(desktop.port);
  try {
    const over = await connect({ onWebSocket: link.route });
    await turnOn(over);
    await isHeard();
    link.loses = () => true;
    await over.waitForPath("socket");
    await isHeard();
    link.loses = () => false;
    await over.waitForPath("webrtc");
    await isHeard();
  } finally {
    await link.close();
  }
});

test("ends with the session", async () => {
  const over = await connect();
  await turnOn(over);
  await isHeard();
  await over.close();
  viewer = undefined;
  await isSilent();
});

test("a viewer who may only watch has none", async () => {
  const over = await connect({ password: "watch" });
  await over.byTestId("toolbar-handle").click();
  expect(await over.byTestId("toggle-microphone").isDisabled()).toBe(true);
  expect(await over.byTestId("toggle-microphone").getAttribute("title")).toContain("not speak to it");
});
