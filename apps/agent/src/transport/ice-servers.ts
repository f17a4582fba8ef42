// STUN and TURN servers: from the options to what each viewer is told in its `hello` (RFC 7064, RFC 7065 addresses) and to what
// the agent's own ICE asks. Pure. Read once by `agent.ts`; asked anew by `session/registry.ts` for each session.

import { createHmac } from "node:crypto";
import { isIPv6 } from "node:net";
import { UsageError } from "../errors.ts";

/** As `config/options.ts` reads them. */
export interface IceOptions {
  readonly stunServers: readonly string[];
  readonly turnHost: string | undefined;
  readonly turnPort: number;
  readonly turnProtocol: "udp" | "tcp";
  readonly turnTls: boolean;
  readonly turnSharedSecret: string | undefined;
  readonly turnUsername: string | undefined;
  readonly turnPassword: string | undefined;
}

export interface IceServer {
  readonly urls: string[];
  readonly username?: string;
  readonly credential?: string;
}

type Credentials = { readonly secret: string } | { readonly username: string; readonly password: string };

export interface IceServers {
  /** `name` ends up in the TURN server's log, `unixS` is the wall clock in seconds. */
  readonly forViewer: (name: string, unixS: number) => IceServer[];
  /** How long what a viewer was told holds, seconds; `undefined`: for ever. */
  readonly holdS: number | undefined;
  /** For libdatachannel: it only asks for its address, and takes the first that has a name it can resolve. */
  readonly forAgent: readonly string[];
  /** Viewers reach their TURN server over TCP or TLS: see `turn-detour.ts`. */
  readonly turnOverTcp: boolean;
  /** Names of options that are set and do nothing without TURN_HOST. */
  readonly unused: readonly string[];
}

/** How long credentials made from the shared secret hold. A viewer is told them at its hello, and others in good time. */
export const CREDENTIALS_S = 24 * 60 * 60;
const STUN_PORT = 3478;
/** What a `hello` carries at most: of the protocol's `control.ts`. */
const STUN_SERVERS_MAX = 8;

/** Throws UsageError, in words, for options that contradict each other or lack their other half. */
export function readIceServers(options: IceOptions): IceServers {
  const stun = readStunServers(options.stunServers);
  const credentials = readCredentials(options);
  const stunUrls = stun.map((authority) => `stun:${authority}`);
  if (options.turnHost === undefined || credentials === undefined) {
    return {
      forViewer: () => (stunUrls.length === 0 ? [] : [{ urls: [...stunUrls] }]),
      holdS: undefined,
      forAgent: stunUrls,
      turnOverTcp: false,
      unused: usedNames(options),
    };
  }
  const authority = `${hostOf(options.turnHost)}:${options.turnPort}`;
  // Browsers know TLS over TCP alone.
  const url = options.turnTls
    ? `turns:${authority}?transport=tcp`
    : `turn:${authority}?transport=${options.turnProtocol}`;
  return {
    forViewer: (name, unixS) => [
      ...(stunUrls.length === 0 ? [] : [{ urls: [...stunUrls] }]),
      { urls: [url], ...credentialsFor(credentials, name, unixS) },
    ],
    holdS: "secret" in credentials ? CREDENTIALS_S : undefined,
    // A TURN server answers STUN too. What it says is the address that viewers must let through it, where a NAT stands before us.
    forAgent: stunUrls.length > 0 || options.turnTls ? stunUrls : [`stun:${authority}`],
    turnOverTcp: options.turnTls || options.turnProtocol === "tcp",
    unused: [],
  };
}

/**
 * draft-uberti-behave-turn-rest-00, section 2.2: the user name says until when it holds, the password is its HMAC-SHA1 under
 * the secret.
 */
export function restCredentials(secret: string, name: string, unixS: number): { username: string; credential: string } {
  const username = `${Math.floor(unixS) + CREDENTIALS_S}:${name}`;
  return { username, credential: createHmac("sha1", secret).update(username).digest("base64") };
}

/** Of a viewer at the TURN server; undefined: there is none. Throws UsageError as `readIceServers` does. */
export function credentialsOf(
  options: IceOptions,
  name: string,
  unixS: number,
): { username: string; credential: string } | undefined {
  const credentials = readCredentials(options);
  return credentials === undefined ? undefined : credentialsFor(credentials, name, unixS);
}

function credentialsFor(credentials: Credentials, name: string, unixS: number) {
  if ("secret" in credentials) return restCredentials(credentials.secret, name, unixS);
  return { username: credentials.username, credential: credentials.password };
}

function readCredentials(options: IceOptions): Credentials | undefined {
  const { turnHost, turnSharedSecret, turnUsername, turnPassword } = options;
  if (turnSharedSecret !== undefined && (turnUsername !== undefined || turnPassword !== undefined)) {
    throw new UsageError(
      "TURN_SHARED_SECRET and TURN_USERNAME with TURN_PASSWORD are two ways to know a user: give one of them",
    );
  }
  if (turnUsername !== undefined && turnPassword === undefined) {
    throw new UsageError("TURN_PASSWORD: is missing, and TURN_USERNAME is given");
  }
  if (turnPassword !== undefined && turnUsername === undefined) {
    throw new UsageError("TURN_USERNAME: is missing, and TURN_PASSWORD is given");
  }
  if (turnSharedSecret !== undefined) return { secret: turnSharedSecret };
  if (turnUsername !== undefined && turnPassword !== undefined) {
    return { username: turnUsername, password: turnPassword };
  }
  if (turnHost === undefined) return undefined;
  throw new UsageError(
    "TURN_HOST: a TURN server lets nobody in without credentials: give TURN_SHARED_SECRET, or TURN_USERNAME and TURN_PASSWORD",
  );
}

function usedNames({ turnSharedSecret, turnUsername }: IceOptions): string[] {
  if (turnSharedSecret !== undefined) return ["TURN_SHARED_SECRET"];
  return turnUsername === undefined ? [] : ["TURN_USERNAME", "TURN_PASSWORD"];
}

/** RFC 7064: `host:port`, the host an IPv6 address in brackets where it is one. */
function readStunServers(entries: readonly string[]): string[] {
  if (entries.length > STUN_SERVERS_MAX) {
    throw new UsageError(`EGLANTINE_STUN_SERVERS: ${entries.length} servers, and ${STUN_SERVERS_MAX} are the most`);
  }
  return entries.map((entry, index) => {
    const match = /^(?:stun:)?(\[[\da-f:.]+\]|[\w.-]{1,253})(?::(\d{1,5}))?$/i.exec(entry);
    const [, host = "", port = String(STUN_PORT)] = match ?? [];
    const bare = host.replace(/^\[|\]$/g, "");
    if (match === null || Number(port) < 1 || Number(port) > 65535 || (host.startsWith("[") && !isIPv6(bare))) {
      // Not said what it is: somebody may have put a password there.
      throw new UsageError(`EGLANTINE_STUN_SERVERS: entry ${index + 1} is no server such as stun.example.org:3478`);
    }
    return `${host}:${Number(port)}`;
  });
}

function hostOf(name: string): string {
  if (isIPv6(name)) return `[${name}]`;
  if (name.includes(":")) throw new UsageError(`TURN_HOST: "${name}" must be a host alone; its port is TURN_PORT`);
  return name;
}
