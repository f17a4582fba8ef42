// A desktop of 1080p in full motion on a simulated link, steered as `session/steering.ts` does it: picture settings by what the
// controller says that the path carries.

import { addPicture, createSteer, steer, type Steered, type SteerPreset, type SteerState } from "../steer.ts";
import type { SimulatedLink } from "./simulated-link.ts";

const STEP_MS = 250;
const PIXELS = 1920 * 1080;

export class SteeredFlow {
  readonly #path: SimulatedLink;
  readonly #state: SteerState;
  #framesPerSecond = 60;

  constructor(path: SimulatedLink, preset: SteerPreset) {
    this.#path = path;
    this.#state = createSteer({
      preset,
      framesPerSecond: 60,
      chroma: "420",
      maxBps: 50e6,
      capBytesPerHour: undefined,
      has444: false,
    });
  }

  /** The settings at the end of this time. */
  run(durationMs: number): Steered {
    const { network, output, source } = this.#path;
    let steered = this.#step(output.targetBps);
    for (const untilMs = network.nowMs + durationMs; network.nowMs < untilMs; ) {
      const { targetBps } = this.#path.output;
      this.#path.run(STEP_MS);
      const frames = Math.round((this.#framesPerSecond * STEP_MS) / 1000);
      const bytes = (targetBps * STEP_MS) / 8000 / frames;
      for (let frame = 0; frame < frames; frame += 1) {
        addPicture(this.#state, { bytes, changed: 1, pixels: PIXELS, refinement: false });
      }
      steered = this.#step(this.#path.output.targetBps);
      this.#framesPerSecond = source.framesPerSecond = steered.framesPerSecond;
    }
    return steered;
  }

  #step(targetBps: number): Steered {
    return steer(
      this.#state,
      {
        targetBps,
        cpuFramesPerSecond: Number.POSITIVE_INFINITY,
        paceFramesPerSecond: Number.POSITIVE_INFINITY,
        spentBytes: 0,
      },
      this.#path.network.nowMs,
    );
  }
}
