// Where the doctor looks: the options, what it knows of the environment, and what several checks look at, looked at once. Made by
// `command.ts` and `desk.ts` for each run, given to every check.

import type { Config } from "../config/load.ts";
import type { Log } from "../log.ts";
import { type Gpus, lookAtGpus } from "./gpu.ts";
import { askProbe, type NoAnswer, type ProbeAnswers, type ProbeOptions } from "./probe.ts";
import { lookAtRuntime, type Runtime } from "./runtime.ts";

export interface PlaceOptions {
  readonly config: Config;
  /** For programs: without secrets, with these changes. */
  readonly environment: (changes?: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;
  /** A clock to compare ours with: the viewer's, ms since 1970, when it asked. */
  readonly viewerClockMs?: number;
  /** An HTTP server whose clock is believed. */
  readonly clockUrl?: string | undefined;
  readonly log: Log;
}

export class Place {
  readonly config: Config;
  readonly log: Log;
  /** How far our clock is ahead of the viewer's, ms; undefined: no viewer has asked. */
  readonly aheadOfViewerMs: number | undefined;
  readonly clockUrl: string | undefined;
  readonly environment: PlaceOptions["environment"];
  #runtime: Runtime | undefined;
  #gpus: Gpus | undefined;
  #egl: Promise<ProbeAnswers["egl"] | NoAnswer> | undefined;

  constructor({ config, environment, viewerClockMs, clockUrl, log }: PlaceOptions) {
    this.config = config;
    this.environment = environment;
    this.aheadOfViewerMs = viewerClockMs === undefined ? undefined : Date.now() - viewerClockMs;
    this.clockUrl = clockUrl;
    this.log = log;
  }

  get runtime(): Runtime {
    this.#runtime ??= lookAtRuntime(this.config.surroundings);
    return this.#runtime;
  }

  get gpus(): Gpus {
    this.#gpus ??= lookAtGpus(this.config.surroundings.libraryPath);
    return this.#gpus;
  }

  /** Every EGL device, asked once. */
  egl(signal: AbortSignal): Promise<ProbeAnswers["egl"] | NoAnswer> {
    this.#egl ??= this.probe("egl", { signal });
    return this.#egl;
  }

  probe<Name extends keyof ProbeAnswers>(
    name: Name,
    options: Pick<ProbeOptions, "signal" | "args" | "under"> & { readonly changes?: Readonly<Record<string, string>> },
  ): Promise<ProbeAnswers[Name] | NoAnswer> {
    const { changes, ...rest } = options;
    return askProbe(name, { ...rest, env: this.environment(changes) });
  }
}
