// Asks a STUN or TURN server as a viewer's browser would: for our address, or for a relayed one with long-term credentials (RFC 8656), over
// UDP, TCP or TLS, and gives it back at once. For `doctor/checks/`; messages are made in `turn-message.ts`.

import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { messageOf } from "../errors.ts";
import {
  ATTRIBUTE,
  isSealed,
  longTermKey,
  makeRequest,
  messageBytes,
  METHOD,
  readAnswer,
  readXorAddress,
  type TurnAnswer,
} from "./turn-message.ts";

export type TurnTransport = "udp" | "tcp" | "tls";

export interface TurnServer {
  readonly host: string;
  readonly port: number;
  readonly transport: TurnTransport;
}

export interface TurnCredentials {
  readonly username: string;
  readonly credential: string;
}

/** What came of it. `relayed`: it worked. */
export type TurnOutcome =
  | { readonly kind: "relayed"; readonly relayed: string; readonly mapped: string; readonly certificate?: string }
  /** It answers, and lets us not in. */
  | { readonly kind: "refused"; readonly code: number; readonly text: string }
  | { readonly kind: "unreachable"; readonly why: string };

/** RFC 8489, section 6.2.1, shortened: nobody waits half a minute for a server that is not there. */
const RESEND_MS = [500, 1000, 1500];
const ANSWER_MS = 4000;
/** IANA: UDP, which is what is relayed whatever we speak to the server. */
const RELAY_UDP = Buffer.from([17, 0, 0, 0]);
const UNAUTHENTICATED = 401;
const STALE_NONCE = 438;

/** Which address the server sees us come from. Rejects in words. */
export async function askBinding(server: TurnServer, signal: AbortSignal): Promise<string> {
  const line = await openLine(server, signal);
  try {
    const answer = await line.ask(METHOD.binding, []);
    const mapped = readXorAddress(answer.attributes.get(ATTRIBUTE.xorMappedAddress), answer.transaction);
    if (!answer.ok || mapped === undefined)
      throw new Error(`it answers ${answer.errorCode} ${answer.errorText}`.trim());
    return mapped;
  } finally {
    line.close();
  }
}

/** Never rejects for what the server does; only when it is aborted. */
export async function askAllocation(
  server: TurnServer,
  credentials: TurnCredentials,
  signal: AbortSignal,
): Promise<TurnOutcome> {
  let line: Line;
  try {
    line = await openLine(server, signal);
  } catch (error) {
    signal.throwIfAborted();
    return { kind: "unreachable", why: messageOf(error) };
  }
  try {
    return await allocate(line, credentials);
  } catch (error) {
    signal.throwIfAborted();
    return { kind: "unreachable", why: messageOf(error) };
  } finally {
    line.close();
  }
}

async function allocate(line: Line, { username, credential }: TurnCredentials): Promise<TurnOutcome> {
  const transport = [ATTRIBUTE.requestedTransport, RELAY_UDP] as const;
  // The first one is refused, and says under which realm and nonce to ask.
  let answer = await line.ask(METHOD.allocate, [transport]);
  for (const again of [UNAUTHENTICATED, STALE_NONCE]) {
    const realm = answer.attributes.get(ATTRIBUTE.realm);
    const nonce = answer.attributes.get(ATTRIBUTE.nonce);
    if (answer.ok || answer.errorCode !== again || realm === undefined || nonce === undefined) continue;
    const key = longTermKey(username, realm.toString("utf8"), credential);
    const known = [
      [ATTRIBUTE.username, Buffer.from(username)],
      [ATTRIBUTE.realm, realm],
      [ATTRIBUTE.nonce, nonce],
    ] as const;
    answer = await line.ask(METHOD.allocate, [transport, ...known], key);
    if (!answer.ok) continue;
    if (!isSealed(answer, key)) throw new Error("its answer is not signed with the password");
    // Given back: a server has few.
    await line.ask(METHOD.refresh, [[ATTRIBUTE.lifetime, Buffer.alloc(4)], ...known], key);
  }
  if (!answer.ok) return { kind: "refused", code: answer.errorCode, text: answer.errorText };
  const address = (type: number) => readXorAddress(answer.attributes.get(type), answer.transaction) ?? "unknown";
  return {
    kind: "relayed",
    relayed: address(ATTRIBUTE.xorRelayedAddress),
    mapped: address(ATTRIBUTE.xorMappedAddress),
    ...(line.certificate === undefined ? {} : { certificate: line.certificate }),
  };
}

interface Line {
  /** Why a browser would not take the server's certificate; undefined: it would, or there is none. */
  readonly certificate: string | undefined;
  ask(method: number, attributes: readonly (readonly [number, Buffer])[], key?: Buffer): Promise<TurnAnswer>;
  close(): void;
}

async function openLine(server: TurnServer, signal: AbortSignal): Promise<Line> {
  return server.transport === "udp" ? openUdp(server, signal) : openStream(server, signal);
}

async function openUdp({ host, port }: TurnServer, signal: AbortSignal): Promise<Line> {
  const { address, family } = await lookup(host.replace(/^\[|\]$/g, ""));
  const socket = createSocket({ type: family === 6 ? "udp6" : "udp4", signal });
  const waiting = new Waiting();
  socket.on("message", (message) => waiting.tryTake(message));
  socket.on("error", (error) => waiting.fail(error));
  socket.on("close", () => waiting.fail(new Error("closed")));
  // Connected: the kernel tells when nobody listens there.
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.connect(port, address, resolve);
  });
  return {
    certificate: undefined,
    ask: async (method, attributes, key) => {
      const transaction = randomBytes(12);
      const message = makeRequest(method, transaction, attributes, key);
      const answer = waiting.for(transaction, "no answer over UDP");
      const timers = [0, ...RESEND_MS].map((ms) => setTimeout(() => socket.send(message), ms));
      try {
        return await answer;
      } finally {
        for (const timer of timers) clearTimeout(timer);
      }
    },
    close: () => {
      waiting.over();
      if (!signal.aborted) socket.close();
    },
  };
}

async function openStream({ host, port, transport }: TurnServer, signal: AbortSignal): Promise<Line> {
  const bare = host.replace(/^\[|\]$/g, "");
  const waiting = new Waiting();
  const socket: Socket =
    transport === "tls"
      ? // Whether a browser would take the certificate is told, and the credentials tried all the same: none of them is sent.
        connectTls({ host: bare, port, rejectUnauthorized: false, ...(isIP(bare) === 0 ? { servername: bare } : {}) })
      : connect({ host: bare, port });
  const abort = (): void => void socket.destroy(new Error("aborted"));
  signal.addEventListener("abort", abort, { once: true });
  let received = Buffer.alloc(0);
  socket.on("data", (data) => {
    received = Buffer.concat([received, data]);
    try {
      for (let bytes = messageBytes(received); bytes !== undefined && bytes <= received.length; ) {
        waiting.tryTake(received.subarray(0, bytes));
        received = received.subarray(bytes);
        bytes = messageBytes(received);
      }
    } catch (error) {
      waiting.fail(new Error(messageOf(error), { cause: error }));
    }
  });
  socket.on("error", (error) => waiting.fail(error));
  socket.on("close", () => waiting.fail(new Error("the server closed the connection")));
  const close = (): void => {
    waiting.over();
    signal.removeEventListener("abort", abort);
    socket.destroy();
  };
  const late = setTimeout(() => socket.destroy(new Error(`no connection within ${ANSWER_MS / 1000} s`)), ANSWER_MS);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once(transport === "tls" ? "secureConnect" : "connect", () => resolve());
      socket.once("error", reject);
      socket.once("close", () => reject(new Error("the server closed the connection")));
    });
  } catch (error) {
    close();
    throw error;
  } finally {
    clearTimeout(late);
  }
  return {
    certificate: transport === "tls" ? certificateTrouble(socket as TLSSocket) : undefined,
    ask: (method, attributes, key) => {
      const transaction = randomBytes(12);
      socket.write(makeRequest(method, transaction, attributes, key));
      return waiting.for(transaction, `no answer over ${transport.toUpperCase()}`);
    },
    close,
  };
}

function certificateTrouble(socket: TLSSocket): string | undefined {
  return socket.authorized ? undefined : messageOf(socket.authorizationError);
}

/** The one request that is not answered yet. */
class Waiting {
  #transaction: Buffer | undefined;
  #resolve: (answer: TurnAnswer) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  #failure: Error | undefined;

  for(transaction: Buffer, otherwise: string): Promise<TurnAnswer> {
    return new Promise((resolve, reject) => {
      this.#transaction = transaction;
      this.#resolve = resolve;
      this.#reject = reject;
      this.#timer = setTimeout(() => reject(new Error(otherwise)), ANSWER_MS);
      if (this.#failure !== undefined) this.fail(this.#failure);
    });
  }

  tryTake(message: Buffer): void {
    try {
      const answer = readAnswer(message);
      // One of an earlier request that was sent twice.
      if (this.#transaction?.equals(answer.transaction) !== true) return;
      this.over();
      this.#resolve(answer);
    } catch (error) {
      this.fail(new Error(messageOf(error), { cause: error }));
    }
  }

  fail(error: Error): void {
    this.#failure = error;
    this.over();
    this.#reject(error);
  }

  over(): void {
    clearTimeout(this.#timer);
    this.#transaction = undefined;
  }
}
