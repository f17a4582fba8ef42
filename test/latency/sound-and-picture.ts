// How far sound and picture are apart: a program beeps, a window changes its colour, and both are timed where they are made and where
// the viewer has them: the sound at what its loudspeaker plays (a sound server of its own), the picture at the refresh of the screen after
// the first animation frame that has it. Also what sound costs the agent. The figures go to bench/report.ts.

import { calibrate } from "../bench/clock.ts";
import { summarise, type Summary } from "../bench/summary.ts";
import { cpuMs, monotonicUs } from "../harness/processes.ts";
import { pcm, Player, playOnce, Recorder, SAMPLE_HZ } from "../harness/sound.ts";
import { pause } from "./key-to-photon.ts";
import { SIZE, SoundDesk } from "./sound-desk.ts";

export interface SoundFigure {
  readonly path: "webrtc" | "socket";
  /** From the desktop's sink to the viewer's loudspeaker. */
  readonly soundMs: Summary;
  /** From the drawing to the screen's refresh after the animation frame that has it. */
  readonly pictureMs: Summary;
  /** Medians: how much later the sound is. */
  readonly apartMs: number;
  /** Of one core: while a tone plays, while a program plays silence, while nobody plays. */
  readonly agentPercent: { readonly tone: number; readonly silence: number; readonly nobody: number };
  readonly serverPercent: { readonly tone: number; readonly silence: number; readonly nobody: number };
}

const BEEP_MS = 60;
const BEEP_HZ = 1000;
/** What an animation frame draws a screen of 60 Hz shows at its next refresh. */
const REFRESH_MS = 1000 / 60;
/** The browser's jitter buffers begin wide and find their size. */
const SETTLE_MS = 15_000;
const COST_MS = 8000;
/** Sound server's idle time until it suspends a sink, and the agent's fade. */
const REST_MS = 4000;
const MISSING_MS = 2000;

export async function measureSound(path: SoundFigure["path"], samples: number): Promise<SoundFigure> {
  const desk = await SoundDesk.open(path, { prepare: watchPicture });
  try {
    const soundMs = summarise(await timeSound(desk, samples));
    const pictureMs = summarise(await timePicture(desk, samples));
    return { path, soundMs, pictureMs, apartMs: soundMs.median - pictureMs.median, ...(await takeCosts(desk)) };
  } finally {
    await desk.close();
  }
}

/** Beeps behind each other in one stream, as a game or a film has them, between pieces of silence. */
async function timeSound({ source, ears }: SoundDesk, samples: number): Promise<(number | undefined)[]> {
  const made = await Recorder.start(source.address);
  const heard = await Recorder.start(ears.address);
  try {
    // Quiet, but no silence: the stream stands, and the jitter buffer finds its size.
    const ground = Player.start(source.address, { hz: [200, 200], level: 0.01 });
    await pause(SETTLE_MS);
    const from = { made: made.position, heard: heard.position };
    for (let sample = 0; sample < samples; sample += 1) {
      await playOnce(source.address, pcm([BEEP_HZ, BEEP_HZ], 0.5, 0, (SAMPLE_HZ * BEEP_MS) / 1000));
      await pause(400 + Math.random() * 200);
    }
    await pause(MISSING_MS);
    await ground.close();
    const [makes, hears] = [onsets(made, from.made), onsets(heard, from.heard)];
    return makes.map((madeUs) => {
      const heardUs = hears.find((atUs) => atUs > madeUs && atUs < madeUs + MISSING_MS * 1000);
      return heardUs === undefined ? undefined : (heardUs - madeUs) / 1000;
    });
  } finally {
    await heard.close();
    await made.close();
  }
}

/** When each beep began, CLOCK_MONOTONIC. */
function onsets(recorder: Recorder, from: number): number[] {
  const samples = recorder.samples(0, from);
  const found: number[] = [];
  let quiet = SAMPLE_HZ;
  for (const [index, sample] of samples.entries()) {
    if (Math.abs(sample) < 0.15) {
      quiet += 1;
    } else {
      if (quiet > SAMPLE_HZ / 5) found.push(recorder.timeUs(from + index));
      quiet = 0;
    }
  }
  return found;
}

declare global {
  interface Window {
    /** Resolves with the moment of the first animation frame whose picture is bright, or dark. */
    eglantineSees?: (bright: boolean) => Promise<number>;
  }
}

/** Runs in the page. */
function watchPicture(): void {
  const copy = document.createElement("canvas");
  copy.width = copy.height = 1;
  const context = copy.getContext("2d", { willReadFrequently: true });
  window.eglantineSees = (bright) =>
    new Promise((resolve) => {
      const look = (): void => {
        const path = document.querySelector<HTMLElement>('[data-testid="surface"]')?.dataset["path"];
        const name = path === "socket" ? "socket-picture" : "desktop";
        const source = document.querySelector<HTMLVideoElement | HTMLCanvasElement>(`[data-testid="${name}"]`);
        if (source !== null && context !== null) {
          context.drawImage(source, 100, 100, 1, 1, 0, 0, 1, 1);
          if ((context.getImageData(0, 0, 1, 1).data[1] ?? 0) > 127 === bright) {
            resolve(performance.now());
            return;
          }
        }
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
}

async function timePicture({ window: onScreen, page }: SoundDesk, samples: number): Promise<(number | undefined)[]> {
  const clock = await calibrate(page);
  const taken: number[] = [];
  for (let sample = 0; sample < samples; sample += 1) {
    const bright = sample % 2 === 0;
    const seen = page.evaluate((wanted) => window.eglantineSees?.(wanted), bright);
    await pause(300 + Math.random() * 100);
    const drawnUs = monotonicUs();
    await onScreen.paint(bright ? [255, 255, 255] : [0, 0, 0], 0, 0, SIZE.widthPx, SIZE.heightPx);
    const seenMs = await seen;
    if (seenMs !== undefined) taken.push(seenMs + REFRESH_MS - clock.toPageMs(drawnUs));
  }
  return taken;
}

async function takeCosts({
  source,
  agentPid,
}: SoundDesk): Promise<Pick<SoundFigure, "agentPercent" | "serverPercent">> {
  const take = async () => {
    const before = { atMs: performance.now(), agent: cpuMs([agentPid]), server: cpuMs([source.pid]) };
    await pause(COST_MS);
    const elapsedMs = performance.now() - before.atMs;
    return {
      agent: ((cpuMs([agentPid]) - before.agent) / elapsedMs) * 100,
      server: ((cpuMs([source.pid]) - before.server) / elapsedMs) * 100,
    };
  };
  const during = async (hz: number) => {
    const player = Player.start(source.address, { hz: [hz, hz] });
    await pause(REST_MS);
    const cost = await take();
    await player.close();
    return cost;
  };
  const tone = await during(440);
  const silence = await during(0);
  await pause(REST_MS);
  const nobody = await take();
  return {
    agentPercent: { tone: tone.agent, silence: silence.agent, nobody: nobody.agent },
    serverPercent: { tone: tone.server, silence: silence.server, nobody: nobody.server },
  };
}
