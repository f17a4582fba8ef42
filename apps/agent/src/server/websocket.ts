// The control connection of a viewer: one WebSocket, JSON text frames, and media and input as binary ones. Takes the upgrade from `http.ts`, checks where it
// comes from and who it is (`origin.ts`, `auth.ts`), and hands the viewer to `session/registry.ts`.
// Refusals are said in band, since a browser's page does not see the status of a failed upgrade.

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { CONTROL_PATH, CONTROL_SUBPROTOCOL } from "@eglantine/protocol/channels";
import { type AgentControl, helloVersion, parseViewerControl } from "@eglantine/protocol/control";
import { ProtocolError } from "@eglantine/protocol/field";
import { LIMITS } from "@eglantine/protocol/limits";
import type { Reason } from "@eglantine/protocol/reasons";
import { isCompatible, mismatchSentence, PROTOCOL_VERSION } from "@eglantine/protocol/version";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type { Closable } from "../close.ts";
import type { Log } from "../log.ts";
import { RateGate } from "../session/rate.ts";
import type { Registry, ViewerHello } from "../session/registry.ts";
import type { ControlLine, Session } from "../session/session.ts";
import { basicCredentials, type Credentials, type Gate } from "./auth.ts";
import { originAllowed } from "./origin.ts";
import type { Proxies } from "./proxies.ts";
import { refuse } from "./refusal.ts";

export interface DoorOptions {
  readonly registry: Registry;
  readonly gate: Gate;
  readonly allowedOrigins: readonly string[];
  readonly proxies: Proxies;
  readonly nowMs: () => number;
  readonly log: Log;
}

/** Connections that have not said hello yet: all together, and from one address. */
const PENDING_MAX = 64;
const PENDING_PER_ADDRESS_MAX = 16;
/** A connection that does not answer a ping until the next one is dead. */
const PING_MS = 15_000;
/**
 * What may wait for a viewer that does not read: control messages, and everything together. Media keeps within its own window
 * (`congestion/window.ts`) and one picture, far below this.
 */
const WAITING_CHARS_MAX = 256 * 1024;
const BUFFERED_BYTES_MAX = 2 * LIMITS.socketMediaBytes;
/** How long the other side may take over its closing handshake, ms. */
const CLOSE_MS = 500;
/** WebSocket close codes (RFC 6455, section 7.4.1). */
const NORMAL = 1000;
const POLICY = 1008;

/** The WebSocket endpoint. */
export class Door implements Closable {
  readonly #options: DoorOptions;
  readonly #server: WebSocketServer;
  readonly #pending = new Map<string, number>();
  readonly #visitors = new Set<Visitor>();
  #pendingCount = 0;

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: LIMITS.controlBytes,
      perMessageDeflate: false,
      clientTracking: false,
      handleProtocols: () => CONTROL_SUBPROTOCOL,
    });
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { address, host, protocol } = this.#options.proxies.caller(request);
    const refused = this.#refusal(request, address);
    if (refused !== undefined) {
      refuse(socket, refused);
      return;
    }
    this.#count(address, 1);
    let counted = true;
    const release = () => {
      if (counted) this.#count(address, -1);
      counted = false;
    };
    socket.once("close", release);
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const visitor = new Visitor(
        webSocket,
        socket,
        address,
        this.#options,
        basicCredentials(request.headers.authorization),
        {
          onLetIn: release,
          onGone: () => this.#visitors.delete(visitor),
        },
      );
      this.#visitors.add(visitor);
      const { origin } = request.headers;
      if (originAllowed(origin, host, this.#options.allowedOrigins, protocol)) return;
      this.#options.log.warn({ address, origin: origin?.slice(0, 256) }, "origin refused");
      visitor.end("origin-refused");
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#visitors].map((visitor) => visitor.close()));
  }

  #refusal(request: IncomingMessage, address: string): string | undefined {
    if ((request.url ?? "").split("?")[0] !== `/${CONTROL_PATH}`) return "404 Not Found";
    const offered = request.headers["sec-websocket-protocol"]?.split(",").map((one) => one.trim());
    if (offered?.includes(CONTROL_SUBPROTOCOL) !== true) return "400 Bad Request";
    const crowded = this.#pendingCount >= PENDING_MAX || (this.#pending.get(address) ?? 0) >= PENDING_PER_ADDRESS_MAX;
    return crowded ? "503 Service Unavailable" : undefined;
  }

  #count(address: string, change: 1 | -1): void {
    this.#pendingCount += change;
    const count = (this.#pending.get(address) ?? 0) + change;
    if (count > 0) this.#pending.set(address, count);
    else this.#pending.delete(address);
  }
}

/** One WebSocket, from its hello to its bye. */
class Visitor implements ControlLine, Closable {
  readonly #webSocket: WebSocket;
  /** Below the WebSocket. */
  readonly #stream: Duplex;
  readonly #address: string;
  readonly #options: DoorOptions;
  readonly #credentials: Credentials | undefined;
  readonly #onLetIn: () => void;
  readonly #rate = new RateGate(LIMITS.controlPerSecond);
  readonly #gone: Promise<void>;
  #helloTimer: NodeJS.Timeout | undefined;
  #pingTimer: NodeJS.Timeout | undefined;
  #answered = true;
  #ended = false;
  /** Control messages that the network has not taken yet. */
  #waitingChars = 0;
  #session: Session | undefined;

  constructor(
    webSocket: WebSocket,
    stream: Duplex,
    address: string,
    options: DoorOptions,
    credentials: Credentials | undefined,
    events: { onLetIn: () => void; onGone: () => void },
  ) {
    this.#webSocket = webSocket;
    this.#stream = stream;
    this.#address = address;
    this.#options = options;
    this.#credentials = credentials;
    this.#onLetIn = events.onLetIn;
    this.#helloTimer = setTimeout(() => this.end("hello-timeout"), LIMITS.helloTimeoutMs);
    webSocket.on("message", (data, isBinary) => this.#onMessage(data, isBinary));
    webSocket.on("pong", () => {
      this.#answered = true;
    });
    // Frames that are too long or no WebSocket frames: the library closes with the right code, `close` follows.
    webSocket.on("error", (error) => options.log.debug({ address, detail: error.message }, "WebSocket error"));
    this.#gone = new Promise((resolve) => {
      webSocket.once("close", () => {
        clearTimeout(this.#helloTimer);
        clearInterval(this.#pingTimer);
        this.#session?.onLineLost();
        events.onGone();
        resolve();
      });
    });
  }

  send(message: AgentControl): void {
    if (this.#ended || !this.#open) return;
    const text = JSON.stringify(message);
    this.#waitingChars += text.length;
    this.#webSocket.send(text, () => (this.#waitingChars -= text.length));
    if (this.#waitingChars > WAITING_CHARS_MAX) this.#drop("it does not read what it is told");
  }

  /** Two fragments of one message (RFC 6455, section 5.4), so that the data need not be copied behind its head. */
  sendBinary(head: Uint8Array, data?: Uint8Array): void {
    if (this.#ended || !this.#open) return;
    this.#stream.cork();
    this.#webSocket.send(head, { binary: true, fin: data === undefined });
    if (data !== undefined) this.#webSocket.send(data, { binary: true, fin: true });
    this.#stream.uncork();
    if (this.bufferedBytes > BUFFERED_BYTES_MAX) this.#drop("it does not read its media");
  }

  get bufferedBytes(): number {
    return this.#webSocket.bufferedAmount;
  }

  end(reason: Reason, detail?: string): void {
    if (this.#ended) return;
    this.send({ type: "bye", reason, ...(detail === undefined || detail === "" ? {} : { detail }) });
    this.#ended = true;
    clearTimeout(this.#helloTimer);
    this.#webSocket.close(reason === "agent-closing" || reason === "viewer-left" ? NORMAL : POLICY, reason);
    const slow = setTimeout(() => this.#webSocket.terminate(), CLOSE_MS);
    this.#webSocket.once("close", () => clearTimeout(slow));
  }

  close(): Promise<void> {
    this.#session?.end("agent-closing");
    this.end("agent-closing");
    return this.#gone;
  }

  get #open(): boolean {
    return this.#webSocket.readyState === this.#webSocket.OPEN;
  }

  /** There is no use in a bye behind all that waits. */
  #drop(detail: string): void {
    this.#options.log.warn({ address: this.#address, detail, bufferedBytes: this.bufferedBytes }, "viewer cut off");
    this.#ended = true;
    clearTimeout(this.#helloTimer);
    this.#webSocket.terminate();
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (this.#ended) return;
    const frame = Buffer.isBuffer(data) ? data : Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)]);
    if (isBinary) {
      if (this.#session === undefined) this.#refuse("a binary frame before hello");
      else this.#session.onBinary(frame);
    } else if (!this.#rate.pass(this.#options.nowMs())) this.#refuse("control messages", "rate-limited");
    else if (this.#session !== undefined) this.#session.onControl(frame.toString("utf8"));
    else if (frame.length > LIMITS.controlBytesBeforeHello) this.#refuse("a hello that is too long");
    else this.#onFirst(frame.toString("utf8"));
  }

  #onFirst(frame: string): void {
    let hello: ViewerHello;
    try {
      // The version first: the rest of another major's hello may be anything.
      const version = helloVersion(frame);
      if (!isCompatible(PROTOCOL_VERSION, version)) {
        this.#refuse(mismatchSentence(PROTOCOL_VERSION, version), "version-mismatch");
        return;
      }
      const message = parseViewerControl(frame);
      if (message.type !== "hello") throw new ProtocolError(`${message.type} before hello`);
      hello = message;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#refuse(error.message.slice(0, LIMITS.textChars));
      return;
    }
    clearTimeout(this.#helloTimer);
    const verdict = this.#options.gate.check(this.#address, credentialsOf(hello) ?? this.#credentials);
    if (verdict !== "ok" && verdict !== "view-only") {
      this.#options.log.warn({ address: this.#address, reason: verdict }, "viewer refused");
      this.end(verdict);
      return;
    }
    this.#session = this.#options.registry.admit(this, hello, this.#address, { viewOnly: verdict === "view-only" });
    if (this.#session === undefined) return;
    this.#onLetIn();
    this.#pingTimer = setInterval(() => this.#ping(), PING_MS);
  }

  #ping(): void {
    if (!this.#answered) {
      this.#webSocket.terminate();
      return;
    }
    this.#answered = false;
    this.#webSocket.ping();
  }

  #refuse(detail: string, reason: Reason = "protocol-error"): void {
    if (this.#session !== undefined) {
      this.#session.end(reason, detail);
      return;
    }
    this.#options.log.warn({ address: this.#address, reason, detail }, "viewer refused");
    this.end(reason, detail);
  }
}

function credentialsOf({ user, password }: ViewerHello): Credentials | undefined {
  return password === undefined ? undefined : { user: user ?? "", password };
}
