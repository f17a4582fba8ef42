// A whole session as `npm start` and the image run it (image/rootfs/usr/bin/eglantine-session): X server, bus, desktop, agent under s6, all
// in a temporary folder. Used by image/session.test.ts, image/plasma.test.ts and the end-to-end tests.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AGENT_MAIN } from "./agent.ts";
import { answerOf } from "./health.ts";
import { freePort } from "./ports.ts";
import { until } from "./until.ts";

export type ServiceName = "xvnc" | "dbus" | "sound" | "desktop" | "agent";

export interface SessionOptions {
  /** "plasma" (default) or a command line. */
  readonly desktop?: string;
  /** ":70": an X display that is there already; then no X server and no desktop are started. */
  readonly display?: string;
  /** Another agent's main.js. */
  readonly agent?: string;
  readonly agentArguments?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** User and group id to run as; needs root. */
  readonly uid?: number;
  /** Root of the installed files instead of image/rootfs. */
  readonly prefix?: string;
  /** False: resolves when the desktop runs, without waiting for the agent. */
  readonly awaitAgent?: boolean;
}

const ROOTFS = fileURLToPath(new URL("../../image/rootfs", import.meta.url));
const READY_WITHIN_MS = 40_000;

export class Session {
  /** Removed by `close()`; run directory and home are in it. */
  readonly folder: string;
  readonly runDir: string;
  readonly home: string;
  readonly port: number;
  readonly url: string;
  readonly user = "user";
  readonly password: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #output = "";
  #exitStatus: number | undefined;

  constructor(folder: string, port: number, options: SessionOptions) {
    this.folder = folder;
    this.runDir = join(folder, "run");
    this.home = join(folder, "home");
    this.port = port;
    this.url = `http://127.0.0.1:${port}/`;
    this.password = randomBytes(9).toString("base64url");
    const { uid, display } = options;
    if (uid !== undefined) chownSync(folder, uid, uid);
    const args = ["--pdeathsig", "TERM", join(options.prefix ?? ROOTFS, "usr/bin/eglantine-session")];
    if (uid !== undefined) args.unshift("--reuid", String(uid), "--regid", String(uid), "--clear-groups");
    if (display !== undefined) args.push("--display", display);
    else args.push("--desktop", options.desktop ?? "plasma");
    args.push("--host", "127.0.0.1", "--port", String(port), ...(options.agentArguments ?? []));
    this.#child = spawn("setpriv", args, {
      // A process group of its own: Ctrl+C at the test runner must not reach its parts out of order.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        EGLANTINE_RUN_DIR: this.runDir,
        EGLANTINE_HOME: this.home,
        EGLANTINE_NODE: process.execPath,
        EGLANTINE_AGENT: options.agent ?? process.env["EGLANTINE_AGENT"] ?? AGENT_MAIN,
        BASIC_AUTH_PASSWORD: this.password,
        SIZEW: "1280",
        SIZEH: "720",
        ...options.env,
      },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (bytes: Buffer) => (this.#output += bytes.toString()));
    }
    this.#exited = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        this.#output += error.message;
        this.#exitStatus = -1;
        resolve();
      });
      this.#child.once("exit", (status) => {
        this.#exitStatus = status ?? -1;
        resolve();
      });
    });
  }

  /** The supervisor. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What the session printed itself, the agent's log included. */
  get output(): string {
    return this.#output;
  }

  /** undefined while it runs; -1 after a signal. */
  get exitStatus(): number | undefined {
    return this.#exitStatus;
  }

  /** ":0". Throws before the X server is there. */
  get display(): string {
    return readFileSync(join(this.runDir, "display"), "utf8").trim();
  }

  get xauthority(): string {
    return join(this.runDir, "Xauthority");
  }

  /** Environment in which a program of the same user finds X server, bus and sound. */
  get programEnv(): Record<string, string | undefined> {
    return {
      ...process.env,
      DISPLAY: this.display,
      XAUTHORITY: this.xauthority,
      DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(this.runDir, "bus")}`,
      XDG_RUNTIME_DIR: join(this.runDir, "runtime"),
      PULSE_SERVER: `unix:${join(this.runDir, "sound", "native")}`,
      HOME: this.home,
    };
  }

  /** The log of a service so far. */
  log(service: ServiceName): string {
    const file = join(this.runDir, "log", service, "current");
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  /** Process id of a service; undefined while it is down. */
  servicePid(service: ServiceName): number | undefined {
    const scanned = join(this.runDir, "scan", service);
    if (!existsSync(join(scanned, "supervise", "status"))) return undefined;
    const pid = Number(execFileSync("s6-svstat", ["-o", "pid", scanned], { encoding: "utf8" }));
    return pid > 0 ? pid : undefined;
  }

  /** All processes that belong to this session, by the environment that they inherited. */
  pids(): number[] {
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => pid > 0 && environmentOf(pid).includes(`EGLANTINE_RUN_DIR=${this.runDir}`));
  }

  async exited(): Promise<number> {
    await this.#exited;
    return this.#exitStatus ?? -1;
  }

  /** Asks the session to end and waits until it has. */
  async stop(): Promise<void> {
    if (this.#exitStatus === undefined) this.#child.kill("SIGTERM");
    await this.#exited;
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Empty for a process that has gone or is not ours to look into. */
function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(code)) return [];
    throw error;
  }
}

/**
 * Starts a session and waits until a viewer may connect. `close()` ends it and removes its folder.
 * Rejects with the logs when it ends first or is not ready in time.
 */
export async function startSession(options: SessionOptions = {}): Promise<Session> {
  const folder = mkdtempSync(join(tmpdir(), "egl-"));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "home"), { mode: 0o700 });
  if (options.uid !== undefined) chownSync(join(folder, "home"), options.uid, options.uid);
  const session = new Session(folder, await freePort(), options);
  const desktopRuns = () =>
    options.display !== undefined ||
    // A desktop that ends at once is hardly ever seen alive.
    ((options.awaitAgent === false || session.servicePid("desktop") !== undefined) &&
      /desktop: /.test(session.log("desktop")));
  const agentAnswers = async () => (await answerOf(`${session.url}health`)) === 200;
  try {
    await until(
      "session ready",
      async () => {
        if (session.exitStatus !== undefined) throw new Error(`the session ended with ${session.exitStatus}`);
        return desktopRuns() && (options.awaitAgent === false || (await agentAnswers()));
      },
      { limitMs: READY_WITHIN_MS },
    );
  } catch (error) {
    const logs = (["xvnc", "dbus", "sound", "desktop", "agent"] as const).map(
      (name) => `-- ${name}\n${session.log(name).slice(-2000)}`,
    );
    await session.close();
    throw new Error(`${(error as Error).message}\n${session.output.slice(-2000)}\n${logs.join("\n")}`, {
      cause: error,
    });
  }
  return session;
}
