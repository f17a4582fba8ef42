// From what a user types to where the agent is. PURE. Goes to `connection.ts` and `control.ts`.

import { CONTROL_PATH, VNC_PATH } from "@eglantine/protocol/channels";

export interface AgentAddress {
  /** The agent's page, always with a slash at its end: what is shown and remembered. */
  readonly pageUrl: string;
  /** Its WebSocket. */
  readonly socketUrl: string;
  /** Its RFB WebSocket. */
  readonly vncUrl: string;
  /** From `user:password@` in the address; kept out of both addresses above. */
  readonly user?: string;
  readonly password?: string;
}

/**
 * Reads `https://host/prefix/`, `host:8080`, `ws://…`. Without a scheme: http for this machine, else https (a
 * password would travel in clear otherwise; who wants that writes `http://`). Undefined for what is no address.
 */
export function parseAgentAddress(text: string): AgentAddress | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed);
  const candidate = hasScheme ? trimmed : `${defaultScheme(trimmed)}://${trimmed}`;
  if (!URL.canParse(candidate)) return undefined;
  const url = new URL(candidate);
  const secure = url.protocol === "https:" || url.protocol === "wss:";
  if (!secure && url.protocol !== "http:" && url.protocol !== "ws:") return undefined;
  const path = url.pathname.endsWith("/") ? url.pathname : `${url.pathname}/`;
  const user = decode(url.username);
  const password = decode(url.password);
  return {
    pageUrl: `${secure ? "https" : "http"}://${url.host}${path}`,
    socketUrl: `${secure ? "wss" : "ws"}://${url.host}${path}${CONTROL_PATH}`,
    vncUrl: `${secure ? "wss" : "ws"}://${url.host}${path}${VNC_PATH}`,
    ...(user === "" ? {} : { user }),
    ...(password === "" ? {} : { password }),
  };
}

/** The address of the agent that served this page, or undefined for a page that no agent served. */
export function ownAddress(pageHref: string): AgentAddress | undefined {
  const url = new URL(pageHref);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  return parseAgentAddress(new URL(".", `${url.origin}${url.pathname}`).href);
}

function defaultScheme(address: string): "http" | "https" {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(?=[:/]|$)/i.test(address) ? "http" : "https";
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return part;
    throw error;
  }
}
