// The stages of one attempt as they pass: which is under way, since when, and what is to be done when one takes too long. The
// words and the arithmetic are `stages.ts`. Owned by `attempt.ts`.

import {
  currentStage,
  failStages,
  finishStage,
  skipStages,
  type StageName,
  type StageProgress,
  STAGES,
  startStages,
} from "./stages.ts";

export class StageClock {
  #progress: StageProgress = startStages(performance.now());
  readonly #onProgress: (progress: StageProgress) => void;
  readonly #onTimeout: (stage: StageName) => void;
  #timer: number | undefined;
  #held = false;
  #over = false;

  constructor(onProgress: (progress: StageProgress) => void, onTimeout: (stage: StageName) => void) {
    this.#onProgress = onProgress;
    this.#onTimeout = onTimeout;
  }

  /** Tells where it stands, and begins to watch. */
  start(): void {
    this.#onProgress(this.#progress);
    this.#watch();
  }

  /** Undefined when all are done. */
  get current(): StageName | undefined {
    return currentStage(this.#progress);
  }

  finish(stage: StageName): void {
    this.#step(finishStage(this.#progress, stage, performance.now()));
  }

  /** Those before `stage` that are not done are not needed. */
  skipTo(stage: StageName): void {
    this.#step(skipStages(this.#progress, stage, performance.now()));
  }

  fail(): void {
    this.close();
    this.#progress = failStages(this.#progress);
    this.#onProgress(this.#progress);
  }

  /** Nothing times out any more; stages still pass. */
  hold(): void {
    this.#held = true;
    clearTimeout(this.#timer);
  }

  /** Idempotent. */
  close(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  #step(progress: StageProgress): void {
    if (this.#over || progress === this.#progress) return;
    this.#progress = progress;
    this.#watch();
    this.#onProgress(progress);
  }

  /** One timer: for the stage under way. */
  #watch(): void {
    clearTimeout(this.#timer);
    const stage = this.current;
    if (stage === undefined || this.#over || this.#held) return;
    this.#timer = window.setTimeout(() => this.#onTimeout(stage), STAGES[stage].timeoutMs);
  }
}
