// Programs that operators use and that a machine of Debian 12 lacks, or has too old: run in a container of Debian 13, with the tree at the place
// where it is outside. Used by compose.test.ts, kubernetes.test.ts and places.test.ts.

import { fileURLToPath } from "node:url";
import type { Engine } from "./engine.ts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FOLDER = fileURLToPath(new URL("operator", import.meta.url));

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Further folders that are the same inside and outside. */
  readonly folders?: readonly string[];
  /** The engine that it runs on itself, as DOCKER_HOST. */
  readonly engine?: boolean;
}

export class Operator {
  readonly image: string;
  readonly #engine: Engine;

  private constructor(engine: Engine, image: string) {
    this.#engine = engine;
    this.image = image;
  }

  static async open(engine: Engine): Promise<Operator> {
    const args = { BASE_IMAGE: await engine.base() };
    return new Operator(engine, await engine.build("eglantine-test:operator", [], { context: FOLDER, args }));
  }

  try(argv: readonly string[], { env = {}, folders = [], engine = false }: RunOptions = {}) {
    const flags = ["--workdir", ROOT, "--volume", `${ROOT}:${ROOT}:ro`];
    for (const folder of folders) flags.push("--volume", `${folder}:${folder}`);
    if (engine) flags.push("--volume", `${this.#engine.host.replace("unix://", "")}:/var/run/docker.sock`);
    return this.#engine.once({ image: this.image, flags, env, args: argv });
  }

  /** Standard output. Rejects with what it complained about. */
  async run(argv: readonly string[], options: RunOptions = {}): Promise<string> {
    const { status, stdout, stderr } = await this.try(argv, options);
    if (status !== 0) throw new Error(`${argv.join(" ")} ended with ${status}:\n${stderr}${stdout}`);
    return stdout;
  }
}
