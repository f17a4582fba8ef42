// The way to a desktop behind SSH: the system's own `ssh` makes a tunnel to an agent that listens on loopback or on a Unix socket there, so that
// nothing of it is exposed. Lost, the tunnel is opened again under the same address, until the desktop is closed. A route of
// `desktops/types.ts`; next: `tunnel.ts`.

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import type { SshTarget } from "../../shared/address.ts";
import type { Question } from "../../shared/questions.ts";
import { type OpenRoute, type Route, RouteFailure, type RouteProgress } from "../desktops/types.ts";
import type { Answer } from "../questions.ts";
import { Askpass } from "./askpass.ts";
import { type SshCall, sshCall } from "./command.ts";
import type { SshFailure } from "./failure.ts";
import { LocalPort } from "./local-port.ts";
import { SshReach } from "./reach.ts";
import { Tunnel, type TunnelEnd } from "./tunnel.ts";

export interface SshRouteOptions {
  /** The program; as a name, from PATH. */
  readonly ssh: string;
  /** Of the application; `ssh` gets it with the way to its user. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** For folders of the tunnels' own. */
  readonly temporary: string;
  /** What runs `askpass-program.ts`: program and arguments. */
  readonly askpassProgram: readonly [string, ...string[]];
  readonly ask: (question: Question, signal?: AbortSignal) => Promise<Answer>;
}

/** Before another try to open a lost tunnel, ms; the last one stays. */
const RETRY_MS = [200, 500, 1000, 2000, 5000] as const;
/** Until a port is still free when ssh takes it. */
const PORT_TRIES = 5;
const CANCELLED: SshFailure = { reason: "cancelled", parameters: {} };
/** What may pass by itself: the network is away, the machine is being restarted. */
const PASSING: ReadonlySet<string> = new Set([
  "unreachable",
  "host-unknown",
  "agent-refused",
  "agent-silent",
  "forward",
  "ended",
]);

export function sshRoute(options: SshRouteOptions): Route<SshTarget> {
  const reach = new SshReach(options);
  return {
    area: "ssh",
    open: (target, told, signal) => openSsh(options, target, told, signal),
    probe: (target, signal) => reach.ask(target, signal),
    place: ({ destination, port = "" }) => `ssh ${destination} ${port}`,
  };
}

async function openSsh(
  options: SshRouteOptions,
  target: SshTarget,
  told: (progress: RouteProgress) => void,
  signal: AbortSignal,
): Promise<OpenRoute> {
  signal.throwIfAborted();
  const link = await SshLink.create(options, target);
  const stop = (): void => void link.close();
  signal.addEventListener("abort", stop, { once: true });
  try {
    told({ step: "connecting", parameters: { host: target.destination } });
    const failure = await link.connect();
    signal.throwIfAborted();
    if (failure !== undefined) throw new RouteFailure(failure.reason, link.words(failure));
    link.keep();
    return { url: link.url, close: () => link.close() };
  } catch (error) {
    await link.close();
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** One desktop's, from its opening to its close. */
class SshLink {
  readonly #options: SshRouteOptions;
  readonly #target: SshTarget;
  readonly #folder: string;
  readonly #port: LocalPort;
  readonly #closing = new AbortController();
  #askpass: Askpass | undefined;
  #tunnel: Tunnel | undefined;
  #declined = false;
  #kept: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  private constructor(options: SshRouteOptions, target: SshTarget, folder: string, port: LocalPort) {
    this.#options = options;
    this.#target = target;
    this.#folder = folder;
    this.#port = port;
  }

  /** Rejects with RouteFailure for a target that is none, before anything is started. */
  static async create(options: SshRouteOptions, target: SshTarget): Promise<SshLink> {
    if (sshCall(target, "127.0.0.1:1") === undefined) throw new RouteFailure("address", { host: target.destination });
    await mkdir(options.temporary, { recursive: true });
    // Short: a Unix socket's path has room for 103 characters on macOS, whose temporary folders take half of them.
    const folder = await mkdtemp(join(options.temporary, "ssh-"));
    return new SshLink(options, target, folder, await LocalPort.open());
  }

  get url(): string {
    return this.#port.url;
  }

  words({ parameters }: SshFailure): Readonly<Record<string, string>> {
    const { destination, agent } = this.#target;
    return { host: destination, agent, ...parameters };
  }

  /** Resolves when the desktop can be reached, or with why not. */
  async connect(): Promise<SshFailure | undefined> {
    for (let tries = 1; ; tries++) {
      const failure = await this.#tryOnce();
      // Another program was quicker: see `#prepare`.
      if (failure?.reason !== "forward" || tries === PORT_TRIES) return failure;
    }
  }

  /** From now on a lost tunnel is opened again, as long as that can help. */
  keep(): void {
    this.#kept = this.#keep();
  }

  /** Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await this.#port.close();
    await this.#tunnel?.close();
    await this.#kept;
    await this.#askpass?.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #tryOnce(): Promise<SshFailure | undefined> {
    const { ssh, environment } = this.#options;
    this.#declined = false;
    const askpass = (this.#askpass ??= await this.#startAskpass());
    askpass.startAfresh();
    const { end, call } = await this.#prepare();
    if (this.#closing.signal.aborted) return CANCELLED;
    const tunnel = new Tunnel({ ssh, call, end, environment: { ...environment, ...askpass.environment } });
    this.#tunnel = tunnel;
    const failure = await tunnel.open();
    if (failure === undefined) {
      this.#port.leadTo(end);
      return undefined;
    }
    await tunnel.close();
    return this.#declined ? CANCELLED : failure;
  }

  #startAskpass(): Promise<Askpass> {
    const { askpassProgram: program, platform, ask } = this.#options;
    return Askpass.start({
      folder: this.#folder,
      program,
      platform,
      ask: (question, signal) => ask(question, AbortSignal.any([signal, this.#closing.signal])),
      declined: (question) => {
        // Without a yes ssh ends by itself, and says so; without a secret it would only ask for the next.
        if (question.kind === "ssh-host-key") return;
        this.#declined = true;
        void this.#tunnel?.close();
      },
    });
  }

  async #keep(): Promise<void> {
    const { signal } = this.#closing;
    for (;;) {
      await this.#tunnel?.ended;
      this.#port.leadTo(undefined);
      for (let tries = 0; ; tries++) {
        await pause(RETRY_MS[Math.min(tries, RETRY_MS.length - 1)] ?? 0, signal);
        if (signal.aborted) return;
        const failure = await this.connect();
        if (failure === undefined) break;
        if (signal.aborted) return;
        if (PASSING.has(failure.reason)) continue;
        const { destination: host } = this.#target;
        await this.#options.ask(
          { kind: "ssh-stopped", host, reason: failure.reason, parameters: this.words(failure) },
          signal,
        );
        return;
      }
    }
  }

  /**
   * Where the tunnel begins: a socket in a folder that only this user can enter. Windows' ssh has no such sockets: there a port that is free now;
   * if another program takes it first, ssh ends (ExitOnForwardFailure) and another one is tried.
   */
  async #prepare(): Promise<{ readonly end: TunnelEnd; readonly call: SshCall }> {
    let end: TunnelEnd;
    let text: string;
    if (this.#options.platform === "win32") {
      const port = await freePort();
      end = { host: "127.0.0.1", port };
      text = `127.0.0.1:${port}`;
    } else {
      const path = join(this.#folder, "end");
      // Of the tunnel before, which may have been killed.
      await rm(path, { force: true });
      end = { path };
      text = path;
    }
    const call = sshCall(this.#target, text);
    if (call === undefined) throw new RouteFailure("address");
    return { end, call };
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Ends early when nobody waits for it any more. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    if (signal.aborted) done();
    else signal.addEventListener("abort", done);
  });
}
