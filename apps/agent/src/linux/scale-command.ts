// Makes a desktop's own parts follow a new scale: runs the program that the session names (EGLANTINE_SCALE_COMMAND), once the scale rests
// and one run at a time. From `x11/scale.ts`; in the image that program is `supervisor/scale`.

import { type ChildProcess, spawn } from "node:child_process";
import type { Closable } from "../close.ts";
import type { Log } from "../log.ts";

export interface ScaleCommandOptions {
  readonly command: string;
  /** Third argument, as ":1". */
  readonly display: string;
  /** At a scale of 1. */
  readonly dpi: number;
  /** What the program sees: no secrets, which what it starts would inherit. */
  readonly environment: Readonly<Record<string, string>>;
  readonly log: Log;
  readonly restMs?: number;
}

/** A page that is zoomed goes through many scales, and parts of a desktop are started anew for each. */
const REST_MS = 400;

export class ScaleCommand implements Closable {
  readonly #options: ScaleCommandOptions;
  #wanted: number | undefined;
  #done: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: ChildProcess | undefined;
  #closed = false;

  constructor(options: ScaleCommandOptions) {
    this.#options = options;
  }

  /** Dots an inch. */
  tell(dpi: number): void {
    if (dpi === this.#wanted || this.#closed) return;
    this.#wanted = dpi;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#run(), this.#options.restMs ?? REST_MS);
  }

  /** What runs is left to finish: half a desktop would be worse than none. */
  close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    return Promise.resolve();
  }

  #run(): void {
    const dpi = this.#wanted;
    if (this.#running !== undefined || this.#closed || dpi === undefined || dpi === this.#done) return;
    const { command, display, dpi: base, environment: env, log } = this.#options;
    this.#done = dpi;
    const child = spawn(command, [String(dpi), String(dpi / base), display], {
      stdio: ["ignore", "ignore", "inherit"],
      detached: true,
      env,
    });
    this.#running = child;
    const ended = (detail: string | undefined): void => {
      if (this.#running !== child) return;
      this.#running = undefined;
      if (detail !== undefined) log.warn({ command, dpi, detail }, "the desktop could not be told of its scale");
      this.#run();
    };
    child.once("error", (error) => ended(error.message));
    child.once("exit", (status, signal) => ended(status === 0 ? undefined : `ended with ${status ?? signal}`));
  }
}
