// A viewer without a page: says hello and whatever else a test likes, and asks of the agent's transfers what it likes, addresses that no browser would
// send included.

import { once } from "node:events";
import { type IncomingHttpHeaders, request } from "node:http";
import { CONTROL_SUBPROTOCOL } from "@eglantine/protocol/channels";
import { type AgentControl, parseAgentControl } from "@eglantine/protocol/control";
import { PROTOCOL_VERSION } from "@eglantine/protocol/version";
import { WebSocket } from "ws";
import { until } from "./until.ts";

type Hello = Extract<AgentControl, { type: "hello" }>;

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export class RawViewer {
  readonly hello: Hello;
  readonly #url: string;
  readonly #socket: WebSocket;
  readonly #heard: readonly AgentControl[];

  private constructor(url: string, socket: WebSocket, heard: readonly AgentControl[], hello: Hello) {
    this.#url = url;
    this.#socket = socket;
    this.#heard = heard;
    this.hello = hello;
  }

  static async connect(url: string, password?: string): Promise<RawViewer> {
    const socket = new WebSocket(`${url.replace("http", "ws")}ws`, CONTROL_SUBPROTOCOL);
    const heard: AgentControl[] = [];
    socket.on("message", (data: Buffer, isBinary) => {
      if (!isBinary) heard.push(parseAgentControl(data.toString()));
    });
    await once(socket, "open");
    const credentials = password === undefined ? {} : { user: "user", password };
    socket.send(JSON.stringify({ type: "hello", version: PROTOCOL_VERSION, client: "raw", ...credentials }));
    const find = () => heard.find((message): message is Hello => message.type === "hello");
    await until("the agent's hello", () => find() !== undefined);
    return new RawViewer(url, socket, heard, find() as Hello);
  }

  send(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** The last of these that the agent said. */
  find<Type extends AgentControl["type"]>(type: Type): Extract<AgentControl, { type: Type }> | undefined {
    return this.#heard.findLast((message): message is Extract<AgentControl, { type: Type }> => message.type === type);
  }

  /** `path`: below the transfers' own, sent as it stands. */
  async ask(
    path: string,
    {
      method = "GET",
      headers = {},
      body = "",
    }: { method?: string; headers?: Record<string, string>; body?: string | Uint8Array } = {},
  ): Promise<RawAnswer> {
    const { hostname, port } = new URL(this.#url);
    const authorization = `Bearer ${this.hello.transferTicket ?? ""}`;
    const asked = request({
      hostname,
      port,
      method,
      path: `/transfer/${path}`,
      headers: { authorization, ...headers },
    });
    asked.end(body);
    const [response] = (await once(asked, "response")) as [import("node:http").IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      text: Buffer.concat(chunks).toString(),
    };
  }

  close(): void {
    this.#socket.terminate();
  }
}
