// A Docker engine of a test's own, which may be killed, run out of disk or want certificates: without a network for containers, for what needs none.
// Containers of the image are run on the image's tests' engine (`image/test/engine.ts`).

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive, Process } from "../../../../../../test/harness/processes.ts";
import { until } from "../../../../../../test/harness/until.ts";

export interface SmallEngineOptions {
  /** Of its disk; without it, the machine's. */
  readonly diskBytes?: number;
  /** Further flags of dockerd. */
  readonly flags?: readonly string[];
}

/** Why none can be started here; undefined: it can. */
export function whyNoEngine(): string | undefined {
  if (process.getuid?.() !== 0) return "a Docker engine of one's own needs root";
  for (const program of ["dockerd", "containerd"]) {
    if (spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0) return `${program} is not installed`;
  }
  return undefined;
}

export class SmallEngine {
  readonly folder: string;
  readonly socket: string;
  readonly #process: Process;
  readonly #disk: string | undefined;

  private constructor(folder: string, socket: string, daemon: Process, disk: string | undefined) {
    this.folder = folder;
    this.socket = socket;
    this.#process = daemon;
    this.#disk = disk;
  }

  static async open({ diskBytes, flags = [] }: SmallEngineOptions = {}): Promise<SmallEngine> {
    const folder = mkdtempSync(join(tmpdir(), "egl-engine-"));
    const data = join(folder, "data");
    mkdirSync(data);
    if (diskBytes !== undefined) {
      const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${diskBytes}`, "egl-disk", data], {
        encoding: "utf8",
      });
      if (mounted.status !== 0) throw new Error(`no small disk: ${mounted.stderr}`);
    }
    const socket = join(folder, "docker.sock");
    const own = ["--data-root", data, "--exec-root", join(folder, "exec"), "--pidfile", join(folder, "pid")];
    // No network of its own is made, and none of the machine's is touched.
    const network = [
      "--bridge",
      "none",
      "--iptables=false",
      "--ip6tables=false",
      "--ip-forward=false",
      "--ip-masq=false",
    ];
    const attempts = ["--max-download-attempts", "1"];
    // None of the machine's settings.
    writeFileSync(join(folder, "daemon.json"), "{}");
    const config = ["--config-file", join(folder, "daemon.json")];
    const argv = [
      "setpriv",
      "--pdeathsig",
      "TERM",
      "dockerd",
      ...config,
      ...own,
      ...network,
      ...attempts,
      "-H",
      `unix://${socket}`,
      ...flags,
    ];
    const daemon = new Process(argv);
    const engine = new SmallEngine(folder, socket, daemon, diskBytes === undefined ? undefined : data);
    try {
      await until("dockerd answers", () => daemon.isOver || engine.#answers(), { limitMs: 60_000, everyMs: 100 });
      if (daemon.isOver) throw new Error(`dockerd does not run here: ${daemon.log()}`);
    } catch (error) {
      await engine.close();
      throw error;
    }
    return engine;
  }

  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const asked = request({ socketPath: this.socket, path: "/_ping", agent: false, timeout: 5000 });
      asked.once("response", (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      });
      asked.once("timeout", () => asked.destroy());
      // Nobody listens there yet.
      asked.once("error", () => resolve(false));
      asked.end();
    });
  }

  /** As a crash does. */
  async kill(): Promise<void> {
    if (!this.#process.isOver) process.kill(this.#process.pid, "SIGKILL");
    await until("dockerd is gone", () => this.#process.isOver);
  }

  async close(): Promise<void> {
    if (!this.#process.isOver) process.kill(this.#process.pid, "SIGTERM");
    await until("dockerd has ended", () => this.#process.isOver, { limitMs: 30_000 });
    // Its containerd outlives one that was killed.
    const pidFile = join(this.folder, "exec/containerd/containerd.pid");
    const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, "utf8")) : 0;
    if (pid > 0 && isAlive(pid)) {
      process.kill(pid, "SIGTERM");
      await until("its containerd has ended", () => !isAlive(pid), { limitMs: 30_000 });
    }
    for (const line of readFileSync("/proc/self/mounts", "utf8").split("\n").toReversed()) {
      const place = line.split(" ")[1] ?? "";
      if (place.startsWith(`${this.folder}/`) && place !== this.#disk) spawnSync("umount", [place]);
    }
    if (this.#disk !== undefined) spawnSync("umount", [this.#disk]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
