// Who really asks, where reverse proxies stand in front: their X-Forwarded-… headers are believed from the operator's own
// proxies alone, since anybody else can write them too. Pure. Asked by `http.ts`, `websocket.ts` and `vnc-proxy.ts`.

import type { IncomingMessage } from "node:http";
import { BlockList, isIP, isIPv6 } from "node:net";
import { UsageError } from "../errors.ts";

export interface Caller {
  /** The viewer's, or that of the first proxy on the way back to it that nobody vouches for. */
  readonly address: string;
  /** The name under which the viewer asked: name and port as in its address bar. */
  readonly host: string | undefined;
  /** How the viewer came to the first proxy, where a trusted one says it. */
  readonly protocol: "http:" | "https:" | undefined;
}

/** Entries of X-Forwarded-For that are read; honest chains have two or three. */
const HOPS_MAX = 32;

export class Proxies {
  readonly #trusted = new BlockList();

  /** Addresses and networks such as 10.0.0.0/8. Throws UsageError for what is neither. */
  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      const [address = "", bits, more] = entry.split("/");
      const family = isIPv6(address) ? "ipv6" : "ipv4";
      const most = family === "ipv6" ? 128 : 32;
      const prefix = bits === undefined ? most : Number(bits);
      const wrong = isIP(address) === 0 || more !== undefined || !/^\d{1,3}$/.test(bits ?? "0") || prefix > most;
      if (wrong) {
        throw new UsageError(`EGLANTINE_TRUSTED_PROXIES: "${entry}" is no address or network such as 10.0.0.0/8`);
      }
      this.#trusted.addSubnet(address, prefix, family);
    }
  }

  trusts(address: string): boolean {
    const plain = unmapped(address);
    const kind = isIP(plain);
    return kind !== 0 && this.#trusted.check(plain, kind === 6 ? "ipv6" : "ipv4");
  }

  caller(request: IncomingMessage): Caller {
    const nearest = request.socket.remoteAddress ?? "";
    const { headers } = request;
    if (!this.trusts(nearest)) return { address: nearest, host: headers.host, protocol: undefined };
    return {
      address: this.#farthest(nearest, headers["x-forwarded-for"]),
      host: lastOf(headers["x-forwarded-host"]) ?? headers.host,
      protocol: protocolOf(lastOf(headers["x-forwarded-proto"])),
    };
  }

  /** Each proxy appends whom it heard from: read from the end, as far as those are trusted who wrote it. */
  #farthest(nearest: string, forwardedFor: string | string[] | undefined): string {
    const entries = [forwardedFor ?? []].flat().join(",").split(",").slice(-HOPS_MAX);
    let address = nearest;
    for (const entry of entries.reverse()) {
      const before = addressIn(entry.trim());
      if (before === undefined) break;
      address = before;
      if (!this.trusts(address)) break;
    }
    return address;
  }
}

/** Some proxies write the port behind it: 192.0.2.1:4711, [2001:db8::1]:4711. */
function addressIn(entry: string): string | undefined {
  const bare = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(entry)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(entry)?.[1] ?? entry;
  return isIP(bare) === 0 ? undefined : unmapped(bare);
}

/** An IPv4 address inside IPv6, as a dual-stack socket shows it, is that IPv4 address. */
function unmapped(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}

/** That of the proxy that is nearest to us: what stands before it came from farther away, and may be the viewer's own invention. */
function lastOf(header: string | string[] | undefined): string | undefined {
  const last = [header ?? []].flat().at(-1)?.split(",").at(-1)?.trim();
  return last === undefined || last === "" ? undefined : last;
}

function protocolOf(scheme: string | undefined): Caller["protocol"] {
  if (scheme === "https" || scheme === "wss") return "https:";
  return scheme === "http" || scheme === "ws" ? "http:" : undefined;
}
