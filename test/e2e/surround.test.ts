// Story: I have more than two loudspeakers, and each plays what the desktop's programs play there.

import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { DesktopPage, DesktopPageOptions } from "../harness/desktop-page.ts";
import { levelAt, Player, Recorder, SoundServer } from "../harness/sound.ts";
import { until } from "../harness/until.ts";
import { Desktop } from "./desktop.ts";
import { withoutWebRtc } from "./without-webrtc.ts";

/** Left, right, centre, the low one, left and right behind. */
const TONES = [400, 500, 600, 60, 800, 900] as const;
const LEVEL = 0.3;
let source: SoundServer;
let ears: SoundServer;
let desktop: Desktop;
let player: Player;
let recorder: Recorder;
let viewer: DesktopPage | undefined;

beforeAll(async () => {
  source = await SoundServer.start(6);
  ears = await SoundServer.start(6);
  desktop = await Desktop.open({
    env: { EGLANTINE_AUDIO_CHANNELS: "6" },
    sound: { desktop: source.address, viewer: ears.address },
    browserFlags: ["--autoplay-policy=no-user-gesture-required"],
  });
  player = Player.start(source.address, { hz: TONES, level: LEVEL });
  recorder = await Recorder.start(ears.address, { channels: 6 });
});
afterEach(async () => {
  await viewer?.close();
  viewer = undefined;
});
afterAll(async () => {
  await recorder?.close();
  await player?.close();
  await desktop?.close();
  await ears?.close();
  await source?.close();
});

/** As the settings keep it. */
const wantSurround = (): void => localStorage.setItem("eglantine.settings", JSON.stringify({ soundChannels: 6 }));

/** Each loudspeaker is heard with its own tone, and with nobody else's. */
async function hearsAll(): Promise<void> {
  let seen: string[] = [];
  const good = new Set<number>();
  try {
    await until(
      "six tones",
      async () => {
        const heard = await recorder.next(0.2);
        seen = heard.map((samples) => TONES.map((hz) => levelAt(samples, hz).toFixed(2)).join(" "));
        for (const [channel, samples] of heard.entries()) {
          const right = TONES.every((hz, tone) =>
            tone === channel ? levelAt(samples, hz) > 0.7 * LEVEL : levelAt(samples, hz) < 0.15 * LEVEL,
          );
          if (right) good.add(channel);
        }
        return good.size === TONES.length;
      },
      { limitMs: 40_000 },
    );
  } catch (error) {
    throw new Error(`right: ${[...good].join(" ")}; heard last:\n${seen.join("\n")}`, { cause: error });
  }
}

async function connect(options: DesktopPageOptions = {}): Promise<DesktopPage> {
  viewer = await desktop.connect({ beforeClient: wantSurround, ...options });
  return viewer;
}

test("over WebRTC", async () => {
  const over = await connect();
  const before = await over.count("inbound-rtp", "packetsReceived", "audio");
  await hearsAll();
  expect(await over.path()).toBe("webrtc");
  expect(await over.count("inbound-rtp", "packetsReceived", "audio")).toBeGreaterThan(before);
});

test("over WebRTC, as the browser itself plays it", async () => {
  const over = await connect({
    beforeClient: () => {
      localStorage.setItem("eglantine.settings", JSON.stringify({ soundChannels: 6 }));
      Reflect.deleteProperty(globalThis, "RTCRtpScriptTransform");
    },
  });
  await hearsAll();
  expect(String((await over.stats("inbound-rtp", "audio"))["codecId"])).toContain("num_streams=4");
});

test("over TCP", async () => {
  await connect({ onWebSocket: withoutWebRtc, path: "socket" });
  await hearsAll();
});
