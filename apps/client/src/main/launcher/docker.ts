// One Docker or Podman engine, and what the launcher asks of it. The only file that knows dockerode. Every failure leaves here as a LauncherError
// (`failure.ts`). Opened by `engines.ts` for an address (`connection.ts`); used by `launch.ts`, `own-containers.ts` and `container-route.ts`.

import { Agent as HttpsAgent } from "node:https";
import Docker from "dockerode";
import type { Connection } from "./connection.ts";
import {
  type ContainerFacts,
  containerFacts,
  type EngineFacts,
  splitReference,
  withoutFrames,
} from "./engine-answers.ts";
import type { ContainerOptions } from "./create-options.ts";
import { type FailureContext, launcherError } from "./failure.ts";
import { JsonLines, type PullMessage, pullFailure } from "./pull-progress.ts";
import type { RegistryLogin } from "./registry-login.ts";
import { SshAgent, type SshCommand } from "./ssh-dial.ts";
import type { EngineStats } from "./stats.ts";

interface ImageFacts {
  readonly id: string;
  readonly architecture: string;
}

/** Of GET /info, what is read of it. Podman leaves some of it out. */
interface InfoAnswer {
  readonly OperatingSystem?: string;
  readonly KernelVersion?: string;
  readonly Architecture?: string;
  readonly NCPU?: number;
  readonly MemTotal?: number;
  readonly Runtimes?: object | null;
  /** From Docker 28.2 on. */
  readonly DiscoveredDevices?: readonly { readonly Source?: string; readonly ID?: string }[];
}

/** As images name them, from what kernels do. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  aarch64: "arm64",
  armv7l: "arm",
  i686: "386",
};
const ANSWER_WITHIN_MS = 20_000;

function dial(connection: Connection, ssh: SshCommand): Docker {
  // Named one by one, since dockerode takes from the environment what it is not told.
  const none = {
    socketPath: undefined,
    host: undefined,
    port: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
  };
  const options = (own: object) => new Docker({ ...none, protocol: "http", timeout: undefined, ...own });
  switch (connection.kind) {
    case "socket":
      return options({ socketPath: connection.path });
    case "ssh":
      return options({ host: "docker", port: 80, agent: new SshAgent(ssh, connection) });
    case "tcp": {
      const { host, port, tls } = connection;
      if (tls === undefined) return options({ host, port });
      const { verify, ...files } = tls;
      return options({
        host,
        port,
        protocol: "https",
        agent: new HttpsAgent({ ...files, rejectUnauthorized: verify }),
      });
    }
    default:
      return connection satisfies never;
  }
}

export class DockerEngine {
  readonly address: string;
  readonly #docker: Docker;
  readonly #context: FailureContext;

  constructor(address: string, connection: Connection, ssh: SshCommand) {
    this.address = address;
    this.#docker = dial(connection, ssh);
    const where = connection.kind === "socket" ? { engine: address, socket: connection.path } : { engine: address };
    this.#context = where;
  }

  /** Runs a call; what it throws is thrown as a LauncherError. */
  async #told<T>(call: () => Promise<T>, more: Partial<FailureContext> = {}): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw launcherError(error, { ...this.#context, ...more });
    }
  }

  async facts(signal?: AbortSignal): Promise<EngineFacts> {
    const limit = AbortSignal.timeout(ANSWER_WITHIN_MS);
    // Its types know no options of these two calls.
    const limits = {
      abortSignal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    } as unknown as () => void;
    return this.#told(async () => {
      const [version, info] = await Promise.all([
        this.#docker.version(limits) as unknown as Promise<{ Version: string; Components?: { Name: string }[] }>,
        this.#docker.info(limits) as unknown as Promise<InfoAnswer>,
      ]);
      const discovered = info.DiscoveredDevices;
      const architecture = info.Architecture ?? "";
      return {
        kind: version.Components?.some(({ Name }) => /podman/i.test(Name)) === true ? "podman" : "docker",
        version: version.Version,
        system: info.OperatingSystem ?? "",
        kernel: info.KernelVersion ?? "",
        architecture: ARCHITECTURES[architecture] ?? architecture,
        cpus: info.NCPU ?? 0,
        memoryBytes: info.MemTotal ?? 0,
        runtimes: Object.keys(info.Runtimes ?? {}),
        ...(Array.isArray(discovered) && {
          cdiDevices: discovered.filter(({ Source }) => Source === "cdi").map(({ ID }) => ID ?? ""),
        }),
      };
    });
  }

  /** Tags of images whose title begins with this. */
  async imageTags(title: string): Promise<readonly string[]> {
    const images = await this.#told(() => this.#docker.listImages());
    return images
      .filter(({ Labels }) =>
        (Labels as Record<string, string> | null)?.["org.opencontainers.image.title"]?.startsWith(title),
      )
      .flatMap(({ RepoTags }) => RepoTags ?? [])
      .filter((tag) => !tag.includes("<none>"));
  }

  /** Undefined: the engine has it not. */
  async image(name: string): Promise<ImageFacts | undefined> {
    try {
      const { Id, Architecture } = await this.#docker.getImage(name).inspect();
      return { id: Id, architecture: ARCHITECTURES[Architecture] ?? Architecture };
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 404) return undefined;
      throw launcherError(error, { ...this.#context, image: name });
    }
  }

  /** Fetches an image; each message of the engine is told. The engine gives up what it has begun when `signal` is aborted. */
  async pull(
    image: string,
    login: RegistryLogin | undefined,
    told: (message: PullMessage) => void,
    signal: AbortSignal,
  ) {
    await this.#told(
      async () => {
        const [repository, tag] = splitReference(image);
        const stream = (await this.#docker.createImage(login ?? {}, {
          fromImage: repository,
          tag,
          abortSignal: signal,
        })) as NodeJS.ReadableStream & AsyncIterable<Buffer>;
        const lines = new JsonLines();
        for await (const chunk of stream) {
          for (const message of lines.add(chunk)) {
            const failure = pullFailure(message);
            if (failure !== undefined) throw new Error(failure);
            told(message);
          }
        }
      },
      { image, doing: "pull", signal },
    );
  }

  /** Resolves to its id. */
  async create(name: string, options: ContainerOptions): Promise<string> {
    const more = { name, image: options.Image };
    const created = await this.#told(() => this.#docker.createContainer({ name, ...options }), more);
    return created.id;
  }

  async start(id: string, port?: number): Promise<void> {
    await this.#told(() => this.#unless304(this.#docker.getContainer(id).start()), port === undefined ? {} : { port });
  }

  async stop(id: string): Promise<void> {
    await this.#told(() => this.#unless304(this.#docker.getContainer(id).stop()));
  }

  /** Whatever it does at the moment. Volumes stay, those too that have no name. */
  async remove(id: string): Promise<void> {
    await this.#told(() => this.#docker.getContainer(id).remove({ force: true }) as Promise<unknown>);
  }

  /** It runs already, or is stopped already. */
  async #unless304(call: Promise<unknown>): Promise<void> {
    try {
      await call;
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode !== 304) throw error;
    }
  }

  async inspect(id: string, signal?: AbortSignal): Promise<ContainerFacts> {
    const options = signal === undefined ? {} : { abortSignal: signal };
    return containerFacts(await this.#told(() => this.#docker.getContainer(id).inspect(options), { name: id }));
  }

  /** Ids of those that have the label, running or not. */
  async list(label: string): Promise<readonly string[]> {
    const found = await this.#told(() => this.#docker.listContainers({ all: true, filters: { label: [label] } }));
    return found.map(({ Id }) => Id);
  }

  /** Names of all containers, whoever made them, and the ports that they have published. */
  async occupied(): Promise<{ readonly names: readonly string[]; readonly ports: readonly number[] }> {
    const all = await this.#told(() => this.#docker.listContainers({ all: true }));
    const names = all.flatMap(({ Names }) => Names.map((name) => name.replace(/^\//, "")));
    const ports = all.flatMap(({ Ports }) => Ports.map(({ PublicPort }) => PublicPort).filter((port) => port > 0));
    return { names, ports };
  }

  /** Resolves when it has ended, to its exit status; rejects when `signal` is aborted. */
  async untilEnded(id: string, signal: AbortSignal): Promise<number> {
    const ended = this.#docker.getContainer(id).wait({ abortSignal: signal }) as Promise<{ StatusCode: number }>;
    return this.#told(async () => (await ended).StatusCode, { name: id, signal });
  }

  /** Its last lines, of standard output and error. */
  async logs(id: string, tail: number): Promise<string> {
    const options = { stdout: true, stderr: true, tail, follow: false } as const;
    const bytes = await this.#told(() => this.#docker.getContainer(id).logs(options), { name: id });
    return withoutFrames(bytes);
  }

  async stats(id: string): Promise<EngineStats> {
    return (await this.#told(() => this.#docker.getContainer(id).stats({ stream: false }), {
      name: id,
    })) as EngineStats;
  }

  /** Runs a program in a container to its end. */
  async exec(id: string, argv: readonly string[], signal: AbortSignal): Promise<{ status: number; output: string }> {
    return this.#told(
      async () => {
        const options = { Cmd: [...argv], AttachStdout: true, AttachStderr: true, abortSignal: signal };
        const exec = await this.#docker.getContainer(id).exec(options);
        const stream = await exec.start({ abortSignal: signal });
        const chunks: Buffer[] = [];
        for await (const chunk of stream) chunks.push(chunk as Buffer);
        const { ExitCode } = await exec.inspect();
        return { status: ExitCode ?? -1, output: withoutFrames(Buffer.concat(chunks)) };
      },
      { name: id, signal },
    );
  }

  /** Made with this label; false: one of this name is there already, whoever made it. */
  async createVolume(name: string, label: readonly [string, string]): Promise<boolean> {
    if ((await this.volumeLabels(name)) !== undefined) return false;
    await this.#told(() => this.#docker.createVolume({ Name: name, Labels: { [label[0]]: label[1] } }));
    return true;
  }

  /** Undefined: there is no such volume. */
  async volumeLabels(name: string): Promise<Readonly<Record<string, string>> | undefined> {
    try {
      return (await this.#docker.getVolume(name).inspect()).Labels ?? {};
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 404) return undefined;
      throw launcherError(error, this.#context);
    }
  }

  async removeVolume(name: string): Promise<void> {
    await this.#told(() => this.#docker.getVolume(name).remove() as Promise<unknown>, { name });
  }
}
