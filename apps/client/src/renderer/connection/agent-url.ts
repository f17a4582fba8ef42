// From what a user types to where the agent is. PURE. Goes to `connection.ts` and `control.ts`.

import { CONTROL_PATH, VNC_PATH } from "@eglantine/protocol/channels";
import { readWebAddress, type WebAddress } from "../../shared/web-address.ts";

export interface AgentAddress extends WebAddress {
  /** Its WebSocket. */
  readonly socketUrl: string;
  /** Its RFB WebSocket. */
  readonly vncUrl: string;
}

/** Reads what `shared/web-address.ts` reads. Undefined for what is no address. */
export function parseAgentAddress(text: string): AgentAddress | undefined {
  const address = readWebAddress(text);
  if (address === undefined) return undefined;
  // ws for http, wss for https.
  const socketBase = address.pageUrl.replace(/^http/, "ws");
  return { ...address, socketUrl: `${socketBase}${CONTROL_PATH}`, vncUrl: `${socketBase}${VNC_PATH}` };
}

/** The address of the agent that served this page, or undefined for a page that no agent served. */
export function ownAddress(pageHref: string): AgentAddress | undefined {
  const url = new URL(pageHref);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  return parseAgentAddress(new URL(".", `${url.origin}${url.pathname}`).href);
}
