// The agent as a process of its own, from its sources, for tests of the command line and of the port.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { type AgentControl, parseAgentControl } from "@eglantine/protocol/control";
import { CONTROL_SUBPROTOCOL } from "@eglantine/protocol/channels";
import { PROTOCOL_VERSION } from "@eglantine/protocol/version";
import { type ClientOptions, WebSocket } from "ws";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

export interface AgentProcess {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: Promise<number | null>;
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, and waits. */
  close(): Promise<number | null>;
}

/** Starts it and waits until it has started or ended. The environment holds nothing but what is given. */
export async function runAgent(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<AgentProcess> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env["PATH"], HOME: "/nonexistent", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  const exitCode = once(child, "close").then(([code]) => code as number | null);
  const started = new Promise<void>((resolve) => {
    child.stderr.on("data", (data) => {
      said.stderr += String(data);
      if (said.stderr.includes('"agent started"')) resolve();
    });
  });
  child.stdout.on("data", (data) => (said.stdout += String(data)));
  await Promise.race([started, exitCode]);
  const line = said.stderr.split("\n").find((one) => one.includes('"agent started"'));
  const url = line === undefined ? "" : (JSON.parse(line) as { url: string }).url;
  return {
    get stdout() {
      return said.stdout;
    },
    get stderr() {
      return said.stderr;
    },
    exitCode,
    url,
    port: url === "" ? 0 : Number(new URL(url).port),
    pid: child.pid ?? 0,
    signal: (signal) => void child.kill(signal),
    close: () => {
      if (child.exitCode === null) child.kill("SIGTERM");
      return exitCode;
    },
  };
}

/** A viewer's control connection. `messages` is everything up to the close. */
export class ControlClient {
  readonly messages: AgentControl[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<number>;

  constructor(url: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(new URL("ws", url), [CONTROL_SUBPROTOCOL], options);
    this.socket.on("message", (data: Buffer, isBinary) => {
      if (!isBinary) this.messages.push(parseAgentControl(data.toString("utf8")));
    });
    this.socket.on("error", () => this.socket.terminate());
    this.closed = new Promise((resolve) => this.socket.once("close", (code) => resolve(code)));
  }

  async opened(): Promise<this> {
    if (this.socket.readyState === WebSocket.CONNECTING) await Promise.race([once(this.socket, "open"), this.closed]);
    return this;
  }

  hello(fields: object = {}): void {
    this.send({ type: "hello", version: PROTOCOL_VERSION, client: "test", ...fields });
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** The first message of this type, awaited; rejects when the connection closes without one. */
  async message<Type extends AgentControl["type"]>(type: Type): Promise<Extract<AgentControl, { type: Type }>> {
    for (;;) {
      const found = this.messages.find((message) => message.type === type);
      if (found !== undefined) return found as Extract<AgentControl, { type: Type }>;
      if (this.socket.readyState === WebSocket.CLOSED) {
        throw new Error(`closed without ${type}: ${JSON.stringify(this.messages)}`);
      }
      await Promise.race([once(this.socket, "message"), this.closed]);
    }
  }

  close(): Promise<number> {
    this.socket.terminate();
    return this.closed;
  }
}

/** One connection with exactly these bytes; resolves to the whole answer when the agent closes it. */
export async function rawRequest(port: number, bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.on("data", (data) => (answer += data.toString("latin1")));
  socket.on("error", (error) => (answer += `\n${error.message}`));
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.write(bytes, "latin1");
  await closed;
  return answer;
}
