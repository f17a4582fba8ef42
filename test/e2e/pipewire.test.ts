// Story: my machine has PipeWire in place of PulseAudio. The agent on such a display is heard, rests in silence, and programs record the viewer.

import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { DesktopPage } from "../harness/desktop-page.ts";
import { hearsSpeech, hearsTones, silence, soundPackets, Speaker } from "../harness/listening.ts";
import { Player, Recorder, SoundServer } from "../harness/sound.ts";
import { until } from "../harness/until.ts";
import { Desktop } from "./desktop.ts";

/** Each wait has its own limit. */
vi.setConfig({ testTimeout: 300_000 });
let machine: SoundServer;
let viewers: SoundServer;
let desktop: Desktop;
let viewer: DesktopPage | undefined;
let player: Player | undefined;

beforeAll(async () => {
  machine = await SoundServer.pipeWire();
  viewers = await SoundServer.start();
  desktop = await Desktop.open({
    sound: { desktop: machine.address, viewer: viewers.address },
    browserFlags: ["--autoplay-policy=no-user-gesture-required"],
  });
});
afterAll(async () => {
  await desktop?.close();
  await viewers?.close();
  await machine?.close();
});
afterEach(async () => {
  await player?.close();
  await viewer?.close();
  viewer = player = undefined;
});

test("a tone is heard, left and right apart; silence sends nothing, and sound comes at once after it", async () => {
  const recorder = await Recorder.start(viewers.address);
  try {
    viewer = await desktop.connect();
    player = Player.start(machine.address, { hz: [440, 660] });
    await hearsTones(recorder, [440, 660]);
    await player.close();
    await silence(viewer);
    const packets = await soundPackets(viewer);
    player = Player.start(machine.address, { hz: [0, 0] });
    await new Promise((resolve) => setTimeout(resolve, 2000));
    // Digital silence.
    expect(await soundPackets(viewer)).toBe(packets);
    await player.close();
    player = Player.start(machine.address, { hz: [520, 390] });
    const over = viewer;
    await until("packets", async () => (await soundPackets(over)) > packets);
    await hearsTones(recorder, [520, 390]);
  } finally {
    await recorder.close();
  }
});

test("what the viewer says is recorded by the desktop's programs", async () => {
  const recorder = await Recorder.start(machine.address, { source: "virtual_mic", channels: 1 });
  const speaker = Speaker.start(viewers.address);
  try {
    viewer = await desktop.connect({ permissions: ["microphone"] });
    await viewer.byTestId("toolbar-handle").click();
    await viewer.byTestId("toggle-microphone").click();
    await viewer.byTestId("microphone-on").waitFor();
    await hearsSpeech(recorder);
  } finally {
    await speaker.close();
    await recorder.close();
  }
});
