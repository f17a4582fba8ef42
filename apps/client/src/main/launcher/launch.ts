// Makes a desktop: fetches the image, creates the container, starts it, waits until a viewer may connect. What it has made so far goes again when
// that is cancelled or fails; one that started and failed stays, with its log. From `plan.ts` to `docker.ts`; told step by step to `answers.ts`.

import type { LaunchForm } from "../../shared/launch-form.ts";
import type { LayerProgress, LaunchState } from "../../shared/launcher.ts";
import { createOptions } from "./create-options.ts";
import type { DockerEngine } from "./docker.ts";
import { LauncherError } from "./failure.ts";
import { untilHealthy } from "./health.ts";
import { OWN_LABEL, withoutSecrets } from "./own-containers.ts";
import { planOf, type PlanSurroundings } from "./plan.ts";
import { addPullMessage, type Layers } from "./pull-progress.ts";
import type { RegistryLogin } from "./registry-login.ts";

const LOG_LINES = 60;

export interface LaunchParts {
  readonly engine: DockerEngine;
  readonly installation: string;
  readonly surroundings: PlanSurroundings;
  /** Of the engine's machine, as images name it. */
  readonly architecture: string;
  readonly login: RegistryLogin | undefined;
  readonly told: (progress: Pick<LaunchState, "stage" | "layers">) => void;
  readonly signal: AbortSignal;
  readonly healthyWithinMs?: number;
}

/** A launch that failed when the container had begun: with what that said last. */
export class LaunchLog extends LauncherError {
  readonly log: string;

  constructor(error: LauncherError, log: string) {
    super(error.reason, error.parameters, { cause: error });
    this.log = log;
  }
}

async function fetchImage({ image, refresh }: LaunchForm, parts: LaunchParts): Promise<void> {
  const { engine, told, signal, login, architecture } = parts;
  const before = await engine.image(image);
  if (before === undefined || refresh) {
    let layers: Layers = new Map();
    told({ stage: "pull", layers: [] });
    await engine.pull(
      image,
      login,
      (message) => {
        const after = addPullMessage(layers, message);
        if (after === layers) return;
        layers = after;
        told({ stage: "pull", layers: [...layers.values()] satisfies LayerProgress[] });
      },
      signal,
    );
  }
  const found = await engine.image(image);
  if (found === undefined) throw new LauncherError("imageMissing", { image });
  if (found.architecture !== architecture) {
    throw new LauncherError("imageArchitecture", { image, has: found.architecture, needs: architecture });
  }
}

/** Resolves to the container's id when a viewer may connect. */
export async function launch(form: LaunchForm, parts: LaunchParts): Promise<string> {
  const { engine, installation, surroundings, told, signal, healthyWithinMs } = parts;
  const label = [OWN_LABEL, installation] as const;
  await fetchImage(form, parts);
  signal.throwIfAborted();
  told({ stage: "create", layers: [] });
  const plan = planOf(form, surroundings);
  const newVolume = plan.home !== "" && (await engine.createVolume(plan.home, label));
  let id: string | undefined;
  let started = false;
  try {
    id = await engine.create(plan.name, createOptions(plan, { [label[0]]: label[1] }));
    signal.throwIfAborted();
    told({ stage: "start", layers: [] });
    await engine.start(id, plan.port);
    started = true;
    told({ stage: "health", layers: [] });
    await untilHealthy(engine, id, {
      name: form.name,
      image: form.image,
      signal,
      ...(healthyWithinMs !== undefined && { withinMs: healthyWithinMs }),
    });
    return id;
  } catch (error) {
    const failure = error instanceof LauncherError ? error : undefined;
    if (id !== undefined && started && failure !== undefined && failure.reason !== "cancelled") {
      const log = await engine.logs(id, LOG_LINES).catch(() => "");
      throw new LaunchLog(failure, withoutSecrets(log, { env: plan.secrets }));
    }
    // An engine that is gone cannot take anything back; that it is gone is what is told.
    if (id !== undefined) await engine.remove(id).catch(() => undefined);
    // Nothing has been written to it yet.
    if (newVolume && !started) await engine.removeVolume(plan.home).catch(() => undefined);
    throw error;
  }
}
