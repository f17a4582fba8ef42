// What an agent answers to a hello on a bare WebSocket: whether somebody is let in, and what a viewer is told then. Used by
// e2e/connect.test.ts and by image/test/seed.test.ts.

import { CONTROL_SUBPROTOCOL } from "@eglantine/protocol/channels";
import { type AgentControl, parseAgentControl } from "@eglantine/protocol/control";
import { PROTOCOL_VERSION } from "@eglantine/protocol/version";
import { WebSocket } from "ws";

export interface KnockOptions {
  readonly origin?: string;
  readonly user?: string;
  readonly password?: string;
}

/** `url`: the page's, http or https with whatever certificate. */
export function knock(url: string, { origin, ...credentials }: KnockOptions = {}): Promise<AgentControl> {
  return new Promise((resolve, reject) => {
    const headers = origin === undefined ? {} : { origin };
    const options = { headers, rejectUnauthorized: false };
    const socket = new WebSocket(`${url.replace("http", "ws")}ws`, CONTROL_SUBPROTOCOL, options);
    socket.on("error", reject);
    socket.on("open", () => {
      socket.send(JSON.stringify({ type: "hello", version: PROTOCOL_VERSION, client: "test", ...credentials }));
    });
    socket.on("message", (data: Buffer) => {
      resolve(parseAgentControl(data.toString()));
      socket.terminate();
    });
  });
}

/** "hello", or why not. */
export async function verdict(url: string, options: KnockOptions = {}): Promise<string> {
  const answer = await knock(url, options);
  return answer.type === "bye" ? `bye ${answer.reason}` : answer.type;
}
