// Checks: the agent's TCP and UDP port can be bound, or are its own already.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { createServer, isIPv6 } from "node:net";
import type { Config } from "../../config/load.ts";
import { codeOf } from "../../errors.ts";
import type { Check, Finding } from "../types.ts";

export const tcpPort: Check = {
  name: "port-tcp",
  group: "network",
  title: "TCP port",
  doc: "EGLANTINE_PORT: can be bound, or an agent answers there already (/health).",
  limitMs: 8000,
  run: async ({ config }, signal) => judgePort("TCP", await lookAtTcp(config, signal), config),
};

export const udpPort: Check = {
  name: "port-udp",
  group: "network",
  title: "UDP port",
  doc: "The UDP port of the same number, which carries picture and sound: can be bound, or is the agent's that answers on TCP.",
  limitMs: 8000,
  run: async ({ config }, signal) => {
    const refused = await bindUdp(config);
    if (refused !== "EADDRINUSE")
      return judgePort("UDP", refused === undefined ? { state: "free" } : { state: "refused", code: refused }, config);
    const tcp = await lookAtTcp(config, signal);
    return judgePort("UDP", tcp.state === "ours" ? tcp : { state: "refused", code: refused }, config);
  },
};

export type PortLook =
  | { readonly state: "free" | "ours" }
  /** The system's code. */
  | { readonly state: "refused"; readonly code: string };

export function judgePort(
  protocol: "TCP" | "UDP",
  look: PortLook,
  { host, port, container }: Pick<Config, "host" | "port" | "container">,
): Finding {
  const at = `${protocol} ${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const outside = container
    ? `; from outside it is there when it is published: -p ${port}:${port}/${protocol.toLowerCase()}`
    : "";
  switch (look.state) {
    case "free":
      return { verdict: "pass", seen: `${at} is free`, means: `The agent can have it${outside}` };
    case "ours":
      return {
        verdict: "pass",
        seen: `${at} is an agent's that answers`,
        means: `It is in use as it should be${outside}`,
      };
    case "refused":
      return {
        verdict: "fail",
        seen: `${at} can't be bound (${look.code})`,
        means: REFUSALS[look.code] ?? "The system does not give the agent this port",
        fix:
          look.code === "EADDRNOTAVAIL" || look.code === "ENOTFOUND"
            ? "EGLANTINE_HOST=0.0.0.0, or an address of this machine"
            : "EGLANTINE_PORT=… (one that is free, above 1023)",
      };
  }
}

const REFUSALS: Readonly<Record<string, string>> = {
  EADDRINUSE: "Another program has it, and it is no agent: viewers would reach that one, and the agent does not start",
  EACCES: "Ports below 1024 are root's",
  EADDRNOTAVAIL: "This machine has no such address",
  ENOTFOUND: "Nobody knows a host of this name",
};

async function lookAtTcp(config: Config, signal: AbortSignal): Promise<PortLook> {
  const refused = await bindTcp(config);
  if (refused === undefined) return { state: "free" };
  if (refused === "EADDRINUSE" && (await isAgent(config, signal))) return { state: "ours" };
  return { state: "refused", code: refused };
}

/** The system's code; undefined: it can be bound. */
async function bindTcp({ host, port }: Config): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, "listening");
    return undefined;
  } catch (error) {
    return refusalOf(error);
  } finally {
    server.close();
  }
}

async function bindUdp({ host, port }: Config): Promise<string | undefined> {
  const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
  try {
    socket.bind({ address: host, port, exclusive: true });
    await once(socket, "listening");
    return undefined;
  } catch (error) {
    return refusalOf(error);
  } finally {
    socket.close();
  }
}

function refusalOf(error: unknown): string {
  const code = codeOf(error);
  if (code === undefined) throw error;
  return code;
}

/** Its /health names a version and a display. */
async function isAgent({ host, port, https }: Config, signal: AbortSignal): Promise<boolean> {
  const own = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  // Its certificate may be for any name.
  const options = { host: own, port, path: "/health", signal, timeout: 3000 };
  const request = https ? requestHttps({ ...options, rejectUnauthorized: false }) : requestHttp(options);
  try {
    request.once("timeout", () => request.destroy());
    request.end();
    const [response] = (await once(request, "response")) as [NodeJS.ReadableStream];
    let body = "";
    for await (const chunk of response) {
      body += String(chunk);
      if (body.length > 65_536) return false;
    }
    const health: unknown = JSON.parse(body);
    return typeof health === "object" && health !== null && "version" in health && "display" in health;
  } catch (error) {
    signal.throwIfAborted();
    if (codeOf(error) === undefined && !(error instanceof SyntaxError)) throw error;
    return false;
  } finally {
    request.destroy();
  }
}
