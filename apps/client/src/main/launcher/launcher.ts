// The launcher as a whole: one launch at a time, told step by step; the engines and what they are; the desktops that come of it. Built in the shell's
// composition root, asked by `answers.ts`.

import type { LaunchForm } from "../../shared/launch-form.ts";
import type { Engine, EngineDetails, LaunchState } from "../../shared/launcher.ts";
import type { DesktopStore } from "../desktops/store.ts";
import { composeFile } from "./compose-file.ts";
import { defaultForm } from "./defaults.ts";
import type { DockerEngine } from "./docker.ts";
import type { EngineFacts } from "./engine-answers.ts";
import type { Engines } from "./engines.ts";
import { LauncherError } from "./failure.ts";
import { judgeGpu } from "./gpu.ts";
import { launch, LaunchLog } from "./launch.ts";
import type { LauncherStore } from "./launcher-store.ts";
import { lookAtMachine, type MachineFacts } from "./machine.ts";
import { OwnContainers } from "./own-containers.ts";
import { planOf, type PlanSurroundings } from "./plan.ts";
import { findLogin } from "./registry-login.ts";
import { runLine } from "./run-line.ts";
import { parseAddress } from "./connection.ts";

/** What the page hears of a launch at most: an engine tells every layer's every step. */
const TELL_EVERY_MS = 100;
const IMAGE_TITLE = "Eglantine";

export interface LauncherOptions {
  readonly engines: Engines;
  readonly store: LauncherStore;
  readonly tell: (state: LaunchState) => void;
  readonly desktops: DesktopStore;
}

interface Running {
  readonly abort: AbortController;
  readonly over: Promise<void>;
}

export class Launcher {
  readonly #options: LauncherOptions;
  #state: LaunchState | undefined;
  #running: Running | undefined;
  #telling: NodeJS.Timeout | undefined;

  constructor(options: LauncherOptions) {
    this.#options = options;
  }

  async list(): Promise<readonly Engine[]> {
    const { engines, store } = this.#options;
    return engines.list((await store.read()).engines);
  }

  /** Only what is reached over a network is typed in. */
  async add(address: string): Promise<readonly Engine[]> {
    if (parseAddress(address).kind === "socket") throw new LauncherError("addressInvalid", { address });
    await this.#options.store.add(address);
    return this.list();
  }

  async forget(address: string): Promise<readonly Engine[]> {
    await this.#options.store.forget(address);
    return this.list();
  }

  async inspect(address: string): Promise<EngineDetails> {
    const { engine, facts, machine } = await this.#look(address);
    const connection = await this.#options.engines.connection(address);
    const [images, { names, ports }] = await Promise.all([engine.imageTags(IMAGE_TITLE), engine.occupied()]);
    const desktops = images.filter((tag) => !/headless/.test(tag));
    const gpu = judgeGpu(facts, machine);
    const isHere = connection.kind === "socket";
    const publicAddress =
      connection.kind === "tcp" ? (/^[\d.]+$/.test(connection.host) ? connection.host : "") : undefined;
    const form = await defaultForm({ engine: address, names, ports, isHere, gpu, images: desktops, publicAddress });
    const { kind, version, system, architecture, cpus, memoryBytes } = facts;
    return { kind, version, system, architecture, cpus, memoryBytes, gpu, images: desktops, form };
  }

  async #look(
    address: string,
  ): Promise<{ engine: DockerEngine; facts: EngineFacts; machine: MachineFacts | undefined }> {
    const { engines } = this.#options;
    const engine = await engines.open(address);
    const connection = await engines.connection(address);
    const facts = await engine.facts();
    return { engine, facts, machine: await lookAtMachine(connection, engines.surroundings.platform, engines.ssh) };
  }

  async write(form: LaunchForm): Promise<{ readonly line: string; readonly compose: string }> {
    const { facts, machine } = await this.#look(form.engine);
    const plan = planOf(form, surroundingsOf(facts, machine));
    return { line: runLine(plan), compose: composeFile(plan) };
  }

  get state(): LaunchState | undefined {
    return this.#state;
  }

  /** Begins; what comes of it is told. */
  launch(form: LaunchForm): void {
    if (this.#running !== undefined) throw new LauncherError("busy", { name: this.#state?.name ?? "" });
    const abort = new AbortController();
    const { engine, name, image } = form;
    this.#tell({ stage: "pull", engine, name, image, layers: [] });
    const over = this.#launch(form, abort.signal).finally(() => {
      this.#running = undefined;
    });
    this.#running = { abort, over };
    // What fails is told, and anything else is a bug of ours: it ends the process as one.
    void over;
  }

  async #launch(form: LaunchForm, signal: AbortSignal): Promise<void> {
    const { engines, store } = this.#options;
    const { engine: address, name, image } = form;
    const base = { engine: address, name, image };
    try {
      const { engine, facts, machine } = await this.#look(address);
      const id = await launch(form, {
        engine,
        installation: (await store.read()).installation,
        surroundings: surroundingsOf(facts, machine),
        architecture: facts.architecture,
        login: await findLogin(image, engines.surroundings),
        told: ({ stage, layers }) => this.#tell({ ...base, stage, layers }),
        signal,
      });
      this.#tell({ ...base, stage: "done", layers: [], desktop: await this.#desktopOf(address, id, name) });
    } catch (error) {
      if (!(error instanceof LauncherError) && !signal.aborted) throw error;
      const failure =
        error instanceof LauncherError && !signal.aborted
          ? error.failure
          : { reason: "cancelled" as const, parameters: { name } };
      const log = error instanceof LaunchLog && error.log !== "" ? { log: error.log } : {};
      this.#tell({ ...base, stage: "failed", layers: [], failure, ...log });
    }
  }

  /** Resolves when all of it has been taken back. */
  async cancel(): Promise<void> {
    this.#running?.abort.abort();
    await this.#running?.over;
  }

  async own(address: string): Promise<OwnContainers> {
    const { engines, store } = this.#options;
    return new OwnContainers(await engines.open(address), (await store.read()).installation);
  }

  /** The saved desktop of one of the launcher's own. */
  async connect(address: string, container: string): Promise<string> {
    const { id, name } = await (await this.own(address)).own(container);
    return this.#desktopOf(address, id, name);
  }

  async #desktopOf(engine: string, container: string, name: string): Promise<string> {
    const target = { kind: "container", engine, container } as const;
    const saved = await this.#options.desktops.save({ name, user: "user", target });
    // A list that is full leads nowhere, but the container is there.
    return "ok" in saved ? saved.ok.id : "";
  }

  /** With its saved desktop: there is nothing left that it could lead to. */
  async remove(address: string, container: string, volume: boolean): Promise<void> {
    const { desktops } = this.#options;
    const own = await this.own(address);
    const { id } = await own.own(container);
    await own.remove(id, volume);
    for (const { id: desktop, target } of await desktops.list()) {
      if (target.kind === "container" && target.engine === address && target.container === id)
        await desktops.remove(desktop);
    }
  }

  /** A new stage at once, the bytes between not too often. */
  #tell(state: LaunchState): void {
    const isSameStage = this.#state?.stage === state.stage;
    this.#state = state;
    if (!isSameStage) {
      clearTimeout(this.#telling);
      this.#telling = undefined;
      this.#options.tell(state);
      return;
    }
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      if (this.#state !== undefined) this.#options.tell(this.#state);
    }, TELL_EVERY_MS);
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await this.cancel();
    clearTimeout(this.#telling);
  }
}

function surroundingsOf({ kind }: EngineFacts, machine: MachineFacts | undefined): PlanSurroundings {
  return { engineKind: kind, ...(machine?.renderGroup !== undefined && { renderGroup: machine.renderGroup }) };
}
