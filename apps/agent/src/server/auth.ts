// Who may come in and with which role: user, two passwords, and how often one may be wrong. Asked by `websocket.ts` for each viewer's hello.

import { createHash, timingSafeEqual } from "node:crypto";

/** `ok` may do everything, `view-only` may watch. */
export type Verdict = "ok" | "view-only" | "auth-required" | "auth-failed" | "auth-locked";

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

export interface Expected extends Credentials {
  /** Of those who may only watch. */
  readonly viewPassword?: string;
}

/** Five wrong passwords within a minute lock an address out for a minute; 4096 addresses are remembered. */
const WRONG_MAX = 5;
const WINDOW_MS = 60_000;
const LOCK_MS = 60_000;
const ADDRESSES_MAX = 4096;
/** No SHA-256 digest that anybody knows a text for. */
const NOBODYS = Buffer.alloc(32);

interface Tries {
  wrong: number;
  readonly sinceMs: number;
  lockedUntilMs: number;
}

export class Gate {
  readonly #expected: { user: Buffer; password: Buffer; viewPassword: Buffer | undefined } | undefined;
  readonly #nowMs: () => number;
  readonly #tries = new Map<string, Tries>();

  /** `expected` undefined: everybody may come in. `nowMs` is a monotonic clock. */
  constructor(expected: Expected | undefined, nowMs: () => number) {
    const view = expected?.viewPassword;
    this.#expected =
      expected === undefined
        ? undefined
        : {
            user: digest(expected.user),
            password: digest(expected.password),
            viewPassword: view === undefined ? undefined : digest(view),
          };
    this.#nowMs = nowMs;
  }

  get open(): boolean {
    return this.#expected === undefined;
  }

  check(address: string, given: Credentials | undefined): Verdict {
    if (this.#expected === undefined) return "ok";
    const nowMs = this.#nowMs();
    const network = networkOf(address);
    const tries = this.#tries.get(network);
    if (tries !== undefined && nowMs < tries.lockedUntilMs) return "auth-locked";
    if (given === undefined) return "auth-required";
    // All are compared, whatever the first gives, and as digests: the time taken tells neither which was wrong nor its length.
    const secret = digest(given.password);
    const user = timingSafeEqual(digest(given.user), this.#expected.user);
    const password = timingSafeEqual(secret, this.#expected.password);
    const view = timingSafeEqual(secret, this.#expected.viewPassword ?? NOBODYS);
    if (user && (password || view)) {
      this.#tries.delete(network);
      return password ? "ok" : "view-only";
    }
    return this.#wrong(network, nowMs);
  }

  #wrong(network: string, nowMs: number): Verdict {
    let tries = this.#tries.get(network);
    if (tries === undefined || nowMs - tries.sinceMs >= WINDOW_MS)
      tries = { wrong: 0, sinceMs: nowMs, lockedUntilMs: 0 };
    tries.wrong += 1;
    if (tries.wrong >= WRONG_MAX) {
      // Counting starts again when the lock is over.
      tries = { wrong: 0, sinceMs: nowMs + LOCK_MS, lockedUntilMs: nowMs + LOCK_MS };
    }
    this.#tries.delete(network);
    this.#tries.set(network, tries);
    const oldest = this.#tries.keys().next();
    if (this.#tries.size > ADDRESSES_MAX && oldest.done !== true) this.#tries.delete(oldest.value);
    return "auth-failed";
  }
}

/** User and password of an `Authorization: Basic` header (RFC 7617); undefined for anything else. */
export function basicCredentials(header: string | undefined): Credentials | undefined {
  const match = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(header ?? "");
  if (match === null) return undefined;
  const pair = Buffer.from(match[1] ?? "", "base64").toString("utf8");
  const colon = pair.indexOf(":");
  return colon < 0 ? undefined : { user: pair.slice(0, colon), password: pair.slice(colon + 1) };
}

/** An IPv4 address as it is, an IPv6 one as its /64: one customer has that many. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped !== null) return mapped[1] ?? address;
  if (!address.includes(":")) return address;
  const [head = "", tail] = (address.split("%")[0] ?? "").split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length;
  return [...front, ...Array.from({ length: Math.max(0, zeros) }, () => "0"), ...back].slice(0, 4).join(":");
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text, "utf8").digest();
}
