// Builds the image's targets and runs containers of them, for every test that needs the image: on a real Docker engine (daemon.ts), from a base
// made by mmdebstrap. One build serves all the files: BuildKit knows what has not changed. `close()` removes what was started.

import { execFile, spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../test/harness/ports.ts";
import { Container } from "./container.ts";
import { DATA, type Daemon, DOCKER, openDaemon } from "./daemon.ts";

export type Target = "headless" | "desktop" | "full";

/** For a `beforeAll` that builds: minutes on two cores when nothing is there yet, seconds when all is. */
export const BUILD_WITHIN_MS = 25 * 60_000;
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BASE = "debian:trixie-slim";
/** By itself: what is newer in the suites of updates would not fit what the builds install. */
const MIRROR = "http://deb.debian.org/debian";
const LABEL = `eglantine.test=${process.pid}`;
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

export interface BuildOptions {
  readonly args?: Readonly<Record<string, string>>;
  /** Another Dockerfile, and its context. */
  readonly file?: string;
  readonly context?: string;
  readonly noCache?: boolean;
}

export interface RunOptions {
  /** Name or id. */
  readonly image: string;
  /** Behind the image. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Further flags of `docker run`. */
  readonly flags?: readonly string[];
  /** Publishes the agent's port, TCP and UDP, on 127.0.0.1 with the same number outside as inside, and tells the agent so. Default: true. */
  readonly publish?: boolean;
}

interface Output {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class Engine {
  readonly host: string;
  readonly #daemon: Daemon;
  /** No credentials and no settings of the user's. */
  readonly #config = mkdtempSync(join(tmpdir(), "egl-docker-config-"));

  private constructor(daemon: Daemon) {
    this.#daemon = daemon;
    this.host = daemon.host;
  }

  /** Undefined, and the reason printed, where no engine can run. */
  static async open(): Promise<Engine | undefined> {
    const daemon = await openDaemon();
    if ("why" in daemon) {
      console.log(`skipped: what needs a container of the image (${daemon.why})`);
      return undefined;
    }
    return new Engine(daemon);
  }

  get env(): Record<string, string | undefined> {
    return { ...process.env, DOCKER_HOST: this.host, DOCKER_BUILDKIT: "1", DOCKER_CONFIG: this.#config };
  }

  /** What `docker …` does, whatever its exit status. */
  try(...args: readonly string[]): Promise<Output> {
    return new Promise((resolve) => {
      execFile(DOCKER, args, { env: this.env, encoding: "utf8", maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
        resolve({ status, stdout, stderr });
      });
    });
  }

  /** Standard output of `docker …`, less the last line's end. Rejects with what it complained about. */
  async docker(...args: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.try(...args);
    if (status !== 0) throw new Error(`docker ${args.join(" ")} ended with ${status}:\n${stderr}${stdout}`);
    return stdout.trimEnd();
  }

  /** Builds a target of image/Dockerfile, as eglantine:TARGET, and resolves to its id, which no other build takes away. */
  async image(target: Target, options: BuildOptions = {}): Promise<string> {
    await this.base();
    return this.build(`eglantine:${target}`, ["--target", target], {
      file: join(ROOT, "image/Dockerfile"),
      context: ROOT,
      ...options,
      // The mirror's 32-bit lists of updates are not always of one moment with the others.
      args: { BASE_IMAGE: BASE, APT_SUITES: "trixie", ...options.args },
    });
  }

  /** Builds what `file` describes and resolves to its id; the log goes to .tools/docker. */
  async build(tag: string, flags: readonly string[], { file, context, args, noCache }: BuildOptions): Promise<string> {
    const idFile = join(this.#config, `${tag.replaceAll(/\W/g, "-")}.id`);
    const argv = ["build", "--progress=plain", "--tag", tag, "--iidfile", idFile, ...flags];
    if (file !== undefined) argv.push("--file", file);
    if (noCache === true) argv.push("--no-cache");
    for (const [name, value] of Object.entries(args ?? {})) argv.push("--build-arg", `${name}=${value}`);
    if (existsSync(CERTIFICATES)) argv.push("--secret", `id=ca,src=${CERTIFICATES}`);
    const npmrc = join(homedir(), ".npmrc");
    if (existsSync(npmrc)) argv.push("--secret", `id=npmrc,src=${npmrc}`);
    const startedMs = performance.now();
    await this.#logged(`build-${tag.replaceAll(/\W/g, "-")}.log`, [...argv, context ?? ROOT]);
    const id = readFileSync(idFile, "utf8").trim();
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    console.log(`${tag} built in ${seconds} s, ${Math.round((await this.sizeBytes(id)) / 1e6)} MB`);
    return id;
  }

  /** Runs `docker …` with its output in a file, and rejects with the end of that. */
  async #logged(name: string, argv: readonly string[]): Promise<void> {
    mkdirSync(DATA, { recursive: true });
    const file = join(DATA, name);
    const log = createWriteStream(file);
    const child = spawn(DOCKER, argv, { env: this.env, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    const status = await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    await new Promise((resolve) => log.end(resolve));
    if (status !== 0) {
      const end = readFileSync(file, "utf8").split("\n").slice(-40).join("\n");
      throw new Error(`docker ${argv.join(" ")} ended with ${String(status)}, see ${file}:\n${end}`);
    }
  }

  /** The base image, made from Debian's mirror where there is none yet. */
  async base(): Promise<string> {
    if ((await this.try("image", "inspect", BASE)).status === 0) return BASE;
    const folder = mkdtempSync(join(tmpdir(), "egl-base-"));
    const tar = join(folder, "base.tar");
    try {
      await new Promise<void>((resolve, reject) => {
        // In a build nothing is lost when the power fails: dpkg need not wait for the disk.
        const unsafe = "--customize-hook=echo force-unsafe-io >$1/etc/dpkg/dpkg.cfg.d/force-unsafe-io";
        const argv = ["--variant=minbase", "--mode=root", "--dpkgopt=force-unsafe-io", unsafe, "trixie", tar, MIRROR];
        execFile("mmdebstrap", argv, { maxBuffer: 1 << 26 }, (error, _, stderr) =>
          error === null ? resolve() : reject(new Error(`mmdebstrap: ${error.message}\n${stderr.slice(-2000)}`)),
        );
      });
      await this.docker("import", "-c", 'CMD ["bash"]', tar, BASE);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    return BASE;
  }

  async sizeBytes(image: string): Promise<number> {
    return Number(await this.docker("image", "inspect", "--format", "{{.Size}}", image));
  }

  /** The folders that the layers are in, the base's too, where this engine keeps them so (overlay2, on this machine). */
  async layers(image: string): Promise<string[]> {
    const data = JSON.parse(await this.docker("image", "inspect", "--format", "{{json .GraphDriver.Data}}", image)) as {
      LowerDir?: string;
      UpperDir?: string;
    };
    return [data.UpperDir, ...(data.LowerDir?.split(":") ?? [])].filter((folder) => folder !== undefined);
  }

  /** `docker run --detach`; resolves when it has started. What it does next is asked of the container. */
  async run({ image, args = [], env = {}, flags = [], publish = true }: RunOptions): Promise<Container> {
    const port = publish ? await freePort() : 0;
    const all: Record<string, string> = { ...env };
    const argv = ["run", "--detach", "--label", LABEL, ...flags];
    if (publish) {
      // Media goes to the address that the agent names, and the port is the same on both sides.
      Object.assign(all, { EGLANTINE_PORT: String(port), EGLANTINE_PUBLIC_ADDRESS: "127.0.0.1", ...env });
      for (const protocol of ["tcp", "udp"]) argv.push("--publish", `127.0.0.1:${port}:${port}/${protocol}`);
    }
    for (const [name, value] of Object.entries(all)) argv.push("--env", `${name}=${value}`);
    const startedMs = performance.now();
    const id = await this.docker(...argv, image, ...args);
    return new Container(this, id, port, startedMs);
  }

  /** Runs to its end: `docker run --rm`, without a published port. */
  once({ image, args = [], env = {}, flags = [] }: RunOptions): Promise<Output> {
    const variables = Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
    return this.try("run", "--rm", "--label", LABEL, ...variables, ...flags, image, ...args);
  }

  /** A volume that belongs to this user id and its group; to nobody but root without one. Removed by `close()`. */
  async volume(image: string, owner?: { readonly uid: number; readonly gid: number }): Promise<string> {
    const name = await this.docker("volume", "create", "--label", LABEL);
    if (owner !== undefined) {
      const chown = ["chown", `${owner.uid}:${owner.gid}`, "/volume"];
      const flags = ["--user", "0", "--entrypoint", "", "--volume", `${name}:/volume:nocopy`];
      const done = await this.once({ image, flags, args: chown });
      if (done.status !== 0) throw new Error(`chown of a volume: ${done.stderr}`);
    }
    return name;
  }

  /** Removes every container and volume that was made here, those too that never ran. */
  async close(): Promise<void> {
    const filter = ["--quiet", "--filter", `label=${LABEL}`];
    const containers = await this.docker("ps", "--all", ...filter);
    if (containers !== "") await this.docker("rm", "--force", "--volumes", ...containers.split("\n"));
    const volumes = await this.docker("volume", "ls", ...filter);
    if (volumes !== "") await this.docker("volume", "rm", ...volumes.split("\n"));
    rmSync(this.#config, { recursive: true, force: true });
    await this.#daemon.close();
  }
}
