// One run of `ssh`: from its start to the agent's first answer through it, and on to its end. From `ssh-route.ts`; why it ended is told by
// `failure.ts`.

import { type ChildProcess, spawn } from "node:child_process";
import { request } from "node:http";
import type { SshCall } from "./command.ts";
import { failureIn, type SshFailure, unknownEnd } from "./failure.ts";

export type TunnelEnd = { readonly path: string } | { readonly host: string; readonly port: number };

export interface TunnelOptions {
  /** The program, in PATH or absolute. */
  readonly ssh: string;
  readonly call: SshCall;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly end: TunnelEnd;
}

/** How often the tunnel's end is tried until ssh has opened it, ms. */
const TRY_MS = 50;
/** How long the agent may take over its answer, and ssh to say why there is none, ms. */
const ANSWER_MS = 10_000;
const REASON_MS = 3000;
/** ssh is told to end, and then made to, ms. */
const END_MS = 2000;
/** Windows has no process groups. */
const OWN_GROUP = process.platform !== "win32";
/** What it writes is kept from the end. */
const WRITTEN_CHARS_MAX = 32_768;

export class Tunnel {
  /** Settles when ssh has ended. */
  readonly ended: Promise<SshFailure>;
  readonly #child: ChildProcess;
  readonly #end: TunnelEnd;
  #written = "";
  #over = false;
  readonly #listeners = new Set<() => void>();

  constructor({ ssh, call, environment, end }: TunnelOptions) {
    this.#end = end;
    this.#child = spawn(ssh, call.argv, {
      stdio: ["ignore", "ignore", "pipe"],
      // Its own session: without a terminal, older versions ask through SSH_ASKPASS too; and what it starts (jump hosts, SSH_ASKPASS) ends with it.
      detached: OWN_GROUP,
      windowsHide: true,
      env: { DISPLAY: ":0", ...environment },
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (piece: string) => {
      this.#written = (this.#written + piece).slice(-WRITTEN_CHARS_MAX);
      this.#tell();
    });
    const kill = (): void => this.#signal("SIGKILL");
    process.once("exit", kill);
    this.ended = new Promise((resolve) => {
      const over = (failure: SshFailure): void => {
        process.off("exit", kill);
        this.#over = true;
        resolve(failure);
        this.#tell();
      };
      this.#child.once("error", (error) => over({ reason: "no-ssh", parameters: { detail: error.message } }));
      // After what it wrote.
      this.#child.once("close", () => over(failureIn(this.#written) ?? unknownEnd(this.#written)));
    });
  }

  /** Resolves when the agent has answered through it; with what failed otherwise. Ssh may ask the user meanwhile: there is no time limit. */
  async open(): Promise<SshFailure | undefined> {
    for (;;) {
      const answer = await askHealth(this.#end);
      if (answer === "answered") return undefined;
      if (this.#over) return this.ended;
      if (answer === "silent") return this.#whySilent();
      await this.#change(TRY_MS);
    }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#signal("SIGTERM");
    const slow = setTimeout(() => this.#signal("SIGKILL"), END_MS);
    await this.ended;
    clearTimeout(slow);
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (this.#over || pid === undefined) return;
    if (!OWN_GROUP) {
      this.#child.kill(signal);
      return;
    }
    try {
      process.kill(-pid, signal);
    } catch (error) {
      // Gone already: its end is being told.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }

  /** The far end has taken the connection and closed it: what ssh says of that may come a moment later. */
  async #whySilent(): Promise<SshFailure> {
    const endMs = performance.now() + REASON_MS;
    for (;;) {
      const failure = failureIn(this.#written);
      if (failure !== undefined) return failure;
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) return { reason: "agent-silent", parameters: {} };
      await this.#change(leftMs);
    }
  }

  /** Resolves when it has written something, has ended, or after so long. */
  #change(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(done);
        resolve();
      };
      const timer = setTimeout(done, withinMs);
      if (this.#over) done();
      else this.#listeners.add(done);
    });
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** `closed`: nobody listens there yet. `silent`: somebody does, but no agent. */
function askHealth(end: TunnelEnd): Promise<"answered" | "closed" | "silent"> {
  const where = "path" in end ? { socketPath: end.path } : end;
  return new Promise((resolve) => {
    const asked = request({
      ...where,
      path: "/health",
      headers: { host: "127.0.0.1" },
      timeout: ANSWER_MS,
      agent: false,
    });
    asked.on("response", (response) => {
      response.destroy();
      resolve("answered");
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code === "ENOENT" || error.code === "ECONNREFUSED" ? "closed" : "silent");
    });
    asked.end();
  });
}
