// The containers that this installation of the launcher made: known by a label with its name, and no others are ever touched. Each action looks
// first. Used by `answers.ts` and `container-route.ts`; made by `launch.ts`.

import type { ContainerStats, OwnContainer } from "../../shared/launcher.ts";
import type { DockerEngine } from "./docker.ts";
import type { ContainerFacts } from "./engine-answers.ts";
import { LauncherError } from "./failure.ts";
import { HOME, PASSWORD_VARIABLE } from "./plan.ts";
import { GPU_QUERY, readGpuTable, readStats } from "./stats.ts";

/** On containers and volumes; its value is the installation's name. */
export const OWN_LABEL = "org.eglantine.launcher";
export const LOG_LINES = 400;
const GPU_WITHIN_MS = 10_000;

export const portOf = ({ env }: ContainerFacts): number => Number(env["EGLANTINE_PORT"] ?? 8080);

/** What it may say, without what it was given to keep. */
export function withoutSecrets(text: string, { env }: Pick<ContainerFacts, "env">): string {
  const secret = env[PASSWORD_VARIABLE] ?? "";
  return secret === "" ? text : text.replaceAll(secret, "••••••••");
}

export class OwnContainers {
  readonly #engine: DockerEngine;
  readonly #installation: string;
  /** Containers without nvidia-smi: they are asked once. */
  readonly #withoutGpu = new Set<string>();

  constructor(engine: DockerEngine, installation: string) {
    this.#engine = engine;
    this.#installation = installation;
  }

  isOwn(labels: Readonly<Record<string, string>>): boolean {
    return labels[OWN_LABEL] === this.#installation;
  }

  /** Rejects for one that it did not create. */
  async own(id: string): Promise<ContainerFacts> {
    const facts = await this.#engine.inspect(id);
    if (!this.isOwn(facts.labels)) throw new LauncherError("notOurs", { name: facts.name });
    return facts;
  }

  async list(): Promise<readonly OwnContainer[]> {
    const ids = await this.#engine.list(`${OWN_LABEL}=${this.#installation}`);
    const found = await Promise.all(ids.map((id) => this.#describe(id)));
    return found.filter((one) => one !== undefined).sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Undefined: it went while it was looked at. */
  async #describe(id: string): Promise<OwnContainer | undefined> {
    let facts: ContainerFacts;
    try {
      facts = await this.#engine.inspect(id);
    } catch (error) {
      if (error instanceof LauncherError && error.reason === "containerGone") return undefined;
      throw error;
    }
    const volume = facts.volumes[HOME] ?? "";
    const labels = volume === "" ? undefined : await this.#engine.volumeLabels(volume);
    return {
      id,
      name: facts.name,
      image: facts.image,
      state: facts.running ? "running" : "stopped",
      port: portOf(facts),
      volume,
      ownVolume: labels !== undefined && this.isOwn(labels),
    };
  }

  async start(id: string): Promise<void> {
    const facts = await this.own(id);
    await this.#engine.start(facts.id, portOf(facts));
  }

  async stop(id: string): Promise<void> {
    await this.#engine.stop((await this.own(id)).id);
  }

  /** With `volume`, its home too, if the launcher made that. */
  async remove(id: string, volume: boolean): Promise<void> {
    const facts = await this.own(id);
    await this.#engine.remove(facts.id);
    const home = facts.volumes[HOME];
    if (!volume || home === undefined) return;
    const labels = await this.#engine.volumeLabels(home);
    if (labels !== undefined && this.isOwn(labels)) await this.#engine.removeVolume(home);
  }

  async log(id: string): Promise<string> {
    const facts = await this.own(id);
    return withoutSecrets(await this.#engine.logs(facts.id, LOG_LINES), facts);
  }

  async stats(id: string): Promise<ContainerStats> {
    const facts = await this.own(id);
    if (!facts.running) throw new LauncherError("containerStopped", { name: facts.name });
    const [stats, gpu] = await Promise.all([this.#engine.stats(facts.id), this.#gpu(facts.id)]);
    return { ...readStats(stats), ...(gpu && { gpu }) };
  }

  async #gpu(id: string): Promise<ContainerStats["gpu"]> {
    if (this.#withoutGpu.has(id)) return undefined;
    const { status, output } = await this.#engine.exec(id, GPU_QUERY, AbortSignal.timeout(GPU_WITHIN_MS));
    const gpu = status === 0 ? readGpuTable(output) : undefined;
    if (gpu === undefined) this.#withoutGpu.add(id);
    return gpu;
  }
}
