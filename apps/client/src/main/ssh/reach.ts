// Whether the machine of a desktop behind SSH can be reached, for its card: a TCP connection to where the user's own configuration leads, and nothing sent over
// it. Only where nothing is started and nobody asked: behind a jump host or a proxy it is not known. For `ssh-route.ts`.

import { execFile } from "node:child_process";
import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import type { SshTarget } from "../../shared/address.ts";
import type { DesktopState } from "../../shared/desktops.ts";
import { resolveCall } from "./command.ts";

export interface SshReachOptions {
  /** The program; as a name, from PATH. */
  readonly ssh: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** Of a steady clock. */
  readonly nowMs?: () => number;
}

const LIMIT_MS = 5000;
/** Each connection without a sign-in is a line in that server's log, and a few in ten minutes are taken for an attack by some. */
const ANSWER_HOLDS_MS = 180_000;
const OUTPUT_BYTES_MAX = 256 * 1024;
/** There always, and never a program. */
const NO_SHELL = "/dev/null";
const UNKNOWN: DesktopState = { condition: "unknown" };

interface Place {
  readonly host: string;
  readonly port: number;
  readonly family: 0 | 4 | 6;
}

/** PURE. From what `ssh -G` writes, a word and its value a line; undefined where the way there is not a connection of our own. */
export function placeIn(output: string): Place | undefined {
  const values = new Map(
    output.split(/\r?\n/).map((line) => [line.split(" ", 1)[0] ?? "", line.slice(line.indexOf(" ") + 1)] as const),
  );
  const [host = "", port] = [values.get("hostname"), Number(values.get("port"))];
  const isElsewhere = ["proxycommand", "proxyjump", "bindaddress", "bindinterface"].some(
    (word) => (values.get(word) ?? "none") !== "none",
  );
  if (isElsewhere || host === "" || !(port >= 1 && port <= 65_535)) return undefined;
  const family = values.get("addressfamily");
  return { host, port, family: family === "inet" ? 4 : family === "inet6" ? 6 : 0 };
}

export class SshReach {
  readonly #options: SshReachOptions;
  readonly #nowMs: () => number;
  /** Of machines that answered, by who asked for them. */
  readonly #answers = new Map<string, { readonly state: DesktopState; readonly untilMs: number }>();

  constructor(options: SshReachOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** Rejects with the signal's reason alone. */
  async ask(target: SshTarget, signal: AbortSignal): Promise<DesktopState> {
    const key = JSON.stringify([target.destination, target.port]);
    const before = this.#answers.get(key);
    if (before !== undefined && this.#nowMs() < before.untilMs) return before.state;
    this.#answers.delete(key);
    const limited = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
    const place = await this.#resolve(target, limited);
    signal.throwIfAborted();
    if (place === undefined) return UNKNOWN;
    const tookMs = await connectTo(place, limited);
    signal.throwIfAborted();
    if (tookMs === undefined) return { condition: "away" };
    const state = { condition: "reachable", latencyMs: Math.round(tookMs * 10) / 10 } as const;
    this.#answers.set(key, { state, untilMs: this.#nowMs() + ANSWER_HOLDS_MS });
    return state;
  }

  #resolve(target: SshTarget, signal: AbortSignal): Promise<Place | undefined> {
    const { ssh, environment, platform } = this.#options;
    const argv = resolveCall(target);
    // There a configuration's `Match exec` would run, which without a shell ends ssh before it runs anything.
    if (argv === undefined || platform === "win32") return Promise.resolve(undefined);
    const env = { ...environment, SHELL: NO_SHELL };
    return new Promise((resolve) => {
      execFile(ssh, argv, { env, signal, maxBuffer: OUTPUT_BYTES_MAX, windowsHide: true }, (error, output) =>
        // Why it failed is told when the desktop is opened.
        resolve(error === null ? placeIn(output) : undefined),
      );
    });
  }
}

/** How long it took, without the name's resolution. Undefined: nobody takes the connection, or not in time. */
async function connectTo({ host, port, family }: Place, signal: AbortSignal): Promise<number | undefined> {
  // A resolver may take its time, and can't be told to stop.
  const enough = new Promise<readonly []>((resolve) => signal.addEventListener("abort", () => resolve([])));
  const addresses = await Promise.race([lookup(host, { family, all: true }).catch(() => []), enough]);
  for (const { address } of addresses) {
    if (signal.aborted) return undefined;
    const tookMs = await connectAt(address, port, signal);
    if (tookMs !== undefined) return tookMs;
  }
  return undefined;
}

function connectAt(host: string, port: number, signal: AbortSignal): Promise<number | undefined> {
  return new Promise((resolve) => {
    const beganMs = performance.now();
    const socket = connect({ host, port, signal });
    socket.once("connect", () => {
      resolve(performance.now() - beganMs);
      socket.destroy();
    });
    socket.once("error", () => resolve(undefined));
    socket.once("close", () => resolve(undefined));
  });
}
