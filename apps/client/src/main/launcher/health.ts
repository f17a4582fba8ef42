// Waits until a viewer may connect to the desktop in a container: asks the image's own check, there, so that no network lies between. Used by
// `launch.ts` and `container-route.ts`.

import { setTimeout as wait } from "node:timers/promises";
import type { DockerEngine } from "./docker.ts";
import { LauncherError } from "./failure.ts";

/** The image's HEALTHCHECK: asked here as often as is good for who waits. */
const HEALTH = ["/usr/share/eglantine/supervisor/health"] as const;
const HEALTH_EVERY_MS = 500;
/** Plasma on a slow disk; the image's own start period is 60 s. */
const HEALTHY_WITHIN_MS = 180_000;
/** Of an exec: a program that cannot be found, or not be run. */
const NOT_FOUND = [126, 127];

export interface HealthOptions {
  readonly name: string;
  readonly image: string;
  readonly signal: AbortSignal;
  readonly withinMs?: number;
}

async function poll(
  engine: DockerEngine,
  id: string,
  { name, image, withinMs = HEALTHY_WITHIN_MS }: HealthOptions,
  signal: AbortSignal,
): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!signal.aborted) {
    const { status, output } = await engine.exec(id, HEALTH, signal);
    if (status === 0) return;
    if (NOT_FOUND.includes(status)) throw new LauncherError("imageForeign", { image, why: output.trim() });
    if (performance.now() > endMs) {
      throw new LauncherError("containerUnhealthy", {
        name,
        seconds: String(Math.round(withinMs / 1000)),
        why: output.trim(),
      });
    }
    await wait(HEALTH_EVERY_MS, undefined, { signal });
  }
}

/** Resolves when the desktop answers; rejects when it ends before, or takes too long. */
export async function untilHealthy(engine: DockerEngine, id: string, options: HealthOptions): Promise<void> {
  const { name, signal } = options;
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  const ended = engine.untilEnded(id, both).then((code) => {
    throw new LauncherError("containerExited", { name, code: String(code) });
  });
  // Whichever of the two comes second is not heard any more.
  ended.catch(() => undefined);
  try {
    await Promise.race([poll(engine, id, options, both), ended]);
  } catch (error) {
    if (signal.aborted) throw new LauncherError("cancelled", {}, { cause: error });
    if (error instanceof LauncherError && error.reason === "engineLost") throw error;
    // What was asked of a container that has gone failed for that: its exit is what there is to say.
    const { running, exitCode } = await engine.inspect(id);
    if (running) throw error;
    throw new LauncherError("containerExited", { name, code: String(exitCode) }, { cause: error });
  } finally {
    over.abort();
  }
}
