// Story: I hear my desktop. The real session's sound server, real Chromium, and what its loudspeaker plays: recorded at the viewer's own
// sound server.

import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { HeadlessBrowser } from "../harness/browser.ts";
import { DesktopPage, type DesktopPageOptions } from "../harness/desktop-page.ts";
import { LossyLink } from "../harness/desktop-page-link.ts";
import { cpuMs } from "../harness/processes.ts";
import { hearsTones, silence, soundPackets } from "../harness/listening.ts";
import { levelAt, pcm, Player, playOnce, Recorder, SAMPLE_HZ, SoundServer } from "../harness/sound.ts";
import { until } from "../harness/until.ts";
import { Desktop } from "./desktop.ts";
import { withoutWebRtc } from "./without-webrtc.ts";

const ALLOW = "--autoplay-policy=no-user-gesture-required";
/** As on a user's machine; headless Chromium itself asks for no touch. */
const STRICT = "--autoplay-policy=document-user-activation-required";
/** Each wait has its own limit. */
vi.setConfig({ testTimeout: 300_000 });
let source: SoundServer;
let ears: SoundServer;
let desktop: Desktop;
let recorder: Recorder;
let viewer: DesktopPage | undefined;
let player: Player | undefined;

beforeAll(async () => {
  source = await SoundServer.start();
  ears = await SoundServer.start();
  desktop = await Desktop.open({
    rfb: true,
    sound: { desktop: source.address, viewer: ears.address },
    browserFlags: [ALLOW],
  });
  recorder = await Recorder.start(ears.address);
});
afterAll(async () => {
  await recorder?.close();
  await desktop?.close();
  await ears?.close();
  await source?.close();
});
afterEach(async () => {
  await player?.close();
  await viewer?.close();
  viewer = player = undefined;
});

async function connect(options: DesktopPageOptions = {}): Promise<DesktopPage> {
  viewer = await desktop.connect(options);
  return viewer;
}

const hears = (left: number, right: number, level?: number) => hearsTones(recorder, [left, right], level);

test("a tone is heard as it is played, left and right apart, beside the picture over WebRTC", async () => {
  await connect();
  player = Player.start(source.address, { hz: [440, 660] });
  await hears(440, 660);
  expect(await viewer?.path()).toBe("webrtc");
});

test("over TCP too", async () => {
  const over = await connect({ onWebSocket: withoutWebRtc, path: "socket" });
  player = Player.start(source.address, { hz: [520, 390] });
  await hears(520, 390);
  expect(await soundPackets(over)).toBe(0);
});

test("and beside noVNC", async () => {
  const over = await connect();
  player = Player.start(source.address, { hz: [350, 700] });
  await hears(350, 700);
  await over.byTestId("toolbar-handle").click();
  await over.byTestId("toggle-vnc").click();
  await over.page.locator('[data-testid="rfb"] canvas').waitFor();
  const before = recorder.position;
  await hears(350, 700);
  expect(recorder.position).toBeGreaterThan(before);
});

test("a short sound after silence is heard whole", async () => {
  const over = await connect();
  // What is heard of it: a hundredth of a second at a time. A busy machine spoils some.
  const isWhole = async (): Promise<boolean> => {
    await silence(over);
    const from = recorder.position;
    await playOnce(source.address, pcm([1000, 1000], 0.5, 0, SAMPLE_HZ / 10));
    await silence(over);
    const samples = recorder.samples(0, from);
    let pieces = 0;
    for (let at = 0; at + 480 <= samples.length; at += 480) {
      if (levelAt(samples.subarray(at, at + 480), 1000) > 0.25) pieces++;
    }
    return pieces >= 8 && pieces <= 13;
  };
  await until("all of it", isWhole, { limitMs: 60_000 });
});

test("silence sends nothing and wakes nobody, and sound comes at once after it", async () => {
  const over = await connect();
  player = Player.start(source.address, { hz: [0, 0] });
  await silence(over);
  const packets = await soundPackets(over);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  // The program still plays: digital silence.
  expect(await soundPackets(over)).toBe(packets);
  await player.close();
  // Nobody plays: the sound server suspends its sink, and agent and sound server rest.
  await until("the sink is suspended", () => {
    const before = cpuMs([source.pid]);
    return new Promise((resolve) => setTimeout(() => resolve(cpuMs([source.pid]) - before < 10), 1500));
  });
  player = Player.start(source.address, { hz: [800, 800] });
  await until("packets", async () => (await soundPackets(over)) > packets);
  await hears(800, 800);
});

test("what is muted is not sent, and the volume is the user's and remembered", async () => {
  const over = await connect();
  player = Player.start(source.address, { hz: [450, 450] });
  await hears(450, 450);
  await over.byTestId("toolbar-handle").click();
  await over.byTestId("toggle-sound").click();
  await silence(over);
  await over.byTestId("toggle-sound").click();
  await hears(450, 450);
  await over.byTestId("open-settings").click();
  await over.byTestId("sound-volume").fill("50");
  await hears(450, 450, 0.25);
  await over.page.reload();
  await over.waitForPicture();
  await hears(450, 450, 0.25);
});

test("a browser that wants a touch first says so when there is something to be heard, and plays from the first key on", async () => {
  const strict = await HeadlessBrowser.start([STRICT], ears.address);
  try {
    const over = await DesktopPage.connect(strict, desktop.url);
    // What Playwright evaluates counts as a touch of the user's: here nothing may.
    const cdp = await over.page.context().newCDPSession(over.page);
    const isSeen = async (testId: string): Promise<boolean> => {
      const expression = `document.querySelector('[data-testid="${testId}"]') !== null`;
      return (await cdp.send("Runtime.evaluate", { expression, userGesture: false })).result.value === true;
    };
    await over.page.reload();
    await until("the desktop", () => isSeen("toolbar-handle"));
    // A silent desktop asks for nothing.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await isSeen("sound-blocked")).toBe(false);
    player = Player.start(source.address, { hz: [580, 580] });
    await until("the note", () => isSeen("sound-blocked"));
    await over.page.keyboard.press("a");
    await hears(580, 580);
    await until("no note", async () => !(await isSeen("sound-blocked")));
    await over.close();
  } finally {
    await strict.close();
  }
});

test("a cut of UDP takes the sound to TCP and back", async () => {
  const link = await LossyLink.open(desktop.port);
  try {
    const over = await connect({ onWebSocket: link.route });
    player = Player.start(source.address, { hz: [440, 440] });
    await hears(440, 440);
    link.loses = () => true;
    await over.waitForPath("socket");
    await hears(440, 440);
    link.loses = () => false;
    await over.waitForPath("webrtc");
    await hears(440, 440);
  } finally {
    await link.close();
  }
});

test("two viewers hear the same, one without the other", async () => {
  const one = await connect();
  const two = await desktop.connect();
  player = Player.start(source.address, { hz: [610, 610] });
  // Both play into one loudspeaker, each with a delay of its own: together they are louder or softer than one alone.
  await until("both are sent sound", async () => (await soundPackets(one)) > 50 && (await soundPackets(two)) > 50);
  await one.byTestId("toolbar-handle").click();
  await one.byTestId("toggle-sound").click();
  await silence(one);
  await hears(610, 610);
  await two.close();
});

test("two packets in a hundred lost: the packets after them make it good", async () => {
  const link = await LossyLink.open(desktop.port);
  try {
    const over = await connect({ onWebSocket: link.route, query: { stats: "true" } });
    const gaps = async () => Number(await over.byTestId("sound-numbers").getAttribute("data-gaps"));
    player = Player.start(source.address, { hz: [440, 440] });
    await hears(440, 440);
    let dice = 99;
    let lost = 0;
    const ssrc = Number((await over.stats("inbound-rtp", "audio"))["ssrc"]);
    link.loses = (packet) => {
      dice = (Math.imul(dice, 1_103_515_245) + 12_345) >>> 0;
      const drops = packet.kind === "rtp" && packet.ssrc === ssrc && dice / 2 ** 32 < 0.02;
      if (drops) lost += 1;
      return drops;
    };
    // The loss is noticed before it is answered. Without an answer each packet that is lost is a gap.
    const isRepaired = async (): Promise<boolean> => {
      const before = { lost, gaps: await gaps() };
      await until("thirty packets lost", () => lost - before.lost >= 30, { limitMs: 60_000 });
      return (await gaps()) - before.gaps < 0.3 * (lost - before.lost);
    };
    await until("few gaps", isRepaired, { limitMs: 90_000 });
    await hears(440, 440);
  } finally {
    await link.close();
  }
});

test("a browser that does not hand out WebRTC's packets plays them itself", async () => {
  const over = await connect({
    beforeClient: () => void Reflect.deleteProperty(globalThis, "RTCRtpScriptTransform"),
  });
  player = Player.start(source.address, { hz: [440, 660] });
  await hears(440, 660);
  expect(await over.path()).toBe("webrtc");
  expect(await over.count("inbound-rtp", "totalSamplesReceived", "audio")).toBeGreaterThan(0);
});
