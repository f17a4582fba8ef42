// Finds Docker and Podman engines: sockets and pipes where systems have them, DOCKER_HOST, the Docker CLI's contexts, and those that the user has
// added; opens one by its address. Used by `answers.ts`, `launch.ts` and `container-route.ts`.

import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Engine, EngineOrigin } from "../../shared/launcher.ts";
import { type Connection, dockerFolder, findConnection, type DockerSurroundings } from "./connection.ts";
import { readContexts, readCurrentContext } from "./contexts.ts";
import { DockerEngine } from "./docker.ts";
import type { SshCommand } from "./ssh-dial.ts";

interface Candidate {
  readonly path: string;
  readonly origin: EngineOrigin;
  readonly name: string;
}

/** PURE. Where engines have their sockets and pipes; not all are there. */
export function candidates({ platform, env, home, uid }: DockerSurroundings): readonly Candidate[] {
  const at = (origin: EngineOrigin, name: string, path: string): Candidate => ({ origin, name, path });
  if (platform === "win32") {
    return [
      at("system", "Docker", "//./pipe/docker_engine"),
      at("desktop", "Docker Desktop", "//./pipe/dockerDesktopLinuxEngine"),
      at("podman", "Podman", "//./pipe/podman-machine-default"),
    ];
  }
  if (platform === "darwin") {
    return [
      at("system", "Docker", "/var/run/docker.sock"),
      at("desktop", "Docker Desktop", join(home, ".docker/run/docker.sock")),
      at("desktop", "Colima", join(home, ".colima/default/docker.sock")),
      at("desktop", "OrbStack", join(home, ".orbstack/run/docker.sock")),
      at("desktop", "Rancher Desktop", join(home, ".rd/docker.sock")),
      at("podman", "Podman", join(home, ".local/share/containers/podman/machine/podman.sock")),
      ...(env["TMPDIR"] === undefined
        ? []
        : [at("podman", "Podman", join(env["TMPDIR"], "podman/podman-machine-default-api.sock"))]),
    ];
  }
  const runtime = env["XDG_RUNTIME_DIR"] ?? `/run/user/${uid}`;
  return [
    at("system", "Docker", "/var/run/docker.sock"),
    at("rootless", "Docker", join(runtime, "docker.sock")),
    at("desktop", "Docker Desktop", join(home, ".docker/desktop/docker.sock")),
    at("podman", "Podman", join(runtime, "podman/podman.sock")),
    at("podman", "Podman", "/run/podman/podman.sock"),
  ];
}

/** The place that a path leads to, if there is a socket or a pipe. */
async function socketAt(path: string): Promise<string | undefined> {
  try {
    if (path.startsWith("//./pipe/"))
      return (await readdir("//./pipe/")).includes(path.slice("//./pipe/".length)) ? path : undefined;
    return (await stat(path)).isSocket() ? await realpath(path) : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== undefined) return undefined;
    throw error;
  }
}

const isRemote = (host: string) => /^(ssh|tcp):/.test(host) && !/^tcp:\/\/(localhost|127\.|\[::1\])/.test(host);

export class Engines {
  readonly #surroundings: DockerSurroundings;
  readonly #ssh: SshCommand;

  constructor(surroundings: DockerSurroundings, ssh: SshCommand = ["ssh"]) {
    this.#surroundings = surroundings;
    this.#ssh = ssh;
  }

  get ssh(): SshCommand {
    return this.#ssh;
  }

  get surroundings(): DockerSurroundings {
    return this.#surroundings;
  }

  /** Each engine once, the Docker CLI's own choice first. `added`: addresses that the user typed in. */
  async list(added: readonly string[]): Promise<readonly Engine[]> {
    const { env } = this.#surroundings;
    const folder = dockerFolder(this.#surroundings);
    const chosen =
      env["DOCKER_HOST"] === undefined ? (env["DOCKER_CONTEXT"] ?? (await readCurrentContext(folder))) : undefined;
    const found: Engine[] = [];
    const seen = new Set<string>();
    const add = (engine: Engine, place: string) => {
      if (seen.has(place)) return;
      seen.add(place);
      found.push(engine);
    };
    const placeOf = async (host: string) => {
      const path = host.replace(/^(unix|npipe):\/\//, "");
      return path === host ? host : ((await socketAt(path)) ?? path);
    };
    const host = env["DOCKER_HOST"];
    if (host !== undefined && host !== "") {
      const engine = {
        address: "environment:",
        origin: "environment",
        name: host,
        remote: isRemote(host),
        current: true,
      } as const;
      add(engine, await placeOf(host));
    }
    const contexts = await readContexts(folder);
    for (const { name, host } of contexts.toSorted((a, b) => Number(b.name === chosen) - Number(a.name === chosen))) {
      const engine = {
        address: `context:${name}`,
        origin: "context",
        name,
        remote: isRemote(host),
        current: name === chosen,
      } as const;
      add(engine, await placeOf(host));
    }
    for (const { path, origin, name } of candidates(this.#surroundings)) {
      const place = await socketAt(path);
      const scheme = path.startsWith("//./pipe/") ? "npipe" : "unix";
      if (place !== undefined)
        add({ address: `${scheme}://${path}`, origin, name, remote: false, current: false }, place);
    }
    for (const address of added)
      add({ address, origin: "added", name: address, remote: isRemote(address), current: false }, address);
    const first = found.find(({ current }) => current) ?? found.find(({ origin }) => origin === "system") ?? found[0];
    return found.map((engine) => (engine === first ? { ...engine, current: true } : { ...engine, current: false }));
  }

  connection(address: string): Promise<Connection> {
    return findConnection(address, this.#surroundings);
  }

  async open(address: string): Promise<DockerEngine> {
    return new DockerEngine(address, await this.connection(address), this.#ssh);
  }
}
