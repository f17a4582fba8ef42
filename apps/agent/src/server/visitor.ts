// One viewer's control connection, from its hello to its bye: checks its frames, who it is (`auth.ts`) and whether it reads, and is the
// line of its session (`session/session.ts`). Made by `websocket.ts`.
// Refusals are said in band, since a browser's page does not see the status of a failed upgrade.

import type { Duplex } from "node:stream";
import { type AgentControl, helloVersion, parseViewerControl } from "@eglantine/protocol/control";
import { ProtocolError } from "@eglantine/protocol/field";
import { LIMITS } from "@eglantine/protocol/limits";
import type { Reason } from "@eglantine/protocol/reasons";
import { isCompatible, mismatchSentence, PROTOCOL_VERSION } from "@eglantine/protocol/version";
import type { RawData, WebSocket } from "ws";
import type { Closable } from "../close.ts";
import { codeOf } from "../errors.ts";
import type { Log } from "../log.ts";
import { RateGate } from "../session/rate.ts";
import type { Registry, ViewerHello } from "../session/registry.ts";
import type { ControlLine, Session } from "../session/session.ts";
import type { Credentials, Gate } from "./auth.ts";

export interface VisitorOptions {
  readonly webSocket: WebSocket;
  /** Below the WebSocket. */
  readonly stream: Duplex;
  readonly address: string;
  /** Of the upgrade; those of the hello count before them. */
  readonly credentials: Credentials | undefined;
  readonly registry: Registry;
  readonly gate: Gate;
  readonly nowMs: () => number;
  readonly log: Log;
  readonly onLetIn: () => void;
  /** It is not: beside the bye that says so. */
  readonly onRefused: (reason: Reason, facts: { readonly detail?: string }) => void;
  readonly onGone: () => void;
}

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

/** One WebSocket, from its hello to its bye. */
export class Visitor implements ControlLine, Closable {
  readonly #options: VisitorOptions;
  readonly #webSocket: WebSocket;
  readonly #rate = new RateGate(LIMITS.controlPerSecond);
  readonly #gone: Promise<void>;
  #helloTimer: NodeJS.Timeout | undefined;
  #pingTimer: NodeJS.Timeout | undefined;
  #answered = true;
  #ended = false;
  /** Control messages that the network has not taken yet. */
  #waitingChars = 0;
  /** What waits of which there is too much, where it does not read. */
  #unread: string | undefined;
  #session: Session | undefined;

  constructor(options: VisitorOptions) {
    const { webSocket, address, log } = options;
    this.#options = options;
    this.#webSocket = webSocket;
    this.#helloTimer = setTimeout(() => this.#refuse("", "hello-timeout"), LIMITS.helloTimeoutMs);
    webSocket.on("message", (data, isBinary) => this.#onMessage(data, isBinary));
    webSocket.on("pong", () => {
      this.#answered = true;
    });
    webSocket.on("error", (error) => {
      log.debug({ address, detail: error.message }, "WebSocket error");
      // Frames that are too long or no WebSocket frames: the library closes with the right code, `close` follows.
      if (!this.#ended && codeOf(error)?.startsWith("WS_ERR_") === true) this.#refuse(error.message);
    });
    this.#gone = new Promise((resolve) => {
      webSocket.once("close", () => {
        clearTimeout(this.#helloTimer);
        clearInterval(this.#pingTimer);
        if (this.#unread === undefined) this.#session?.onLineLost();
        else this.#session?.end("not-reading", this.#unread);
        options.onGone();
        resolve();
      });
    });
  }

  send(message: AgentControl): void {
    if (this.#ended || !this.#open) return;
    const text = JSON.stringify(message);
    this.#waitingChars += text.length;
    this.#webSocket.send(text, () => (this.#waitingChars -= text.length));
    if (this.#waitingChars > WAITING_CHARS_MAX) this.#drop("control messages");
  }

  /** Two fragments of one message (RFC 6455, section 5.4), so that the data need not be copied behind its head. */
  sendBinary(head: Uint8Array, data?: Uint8Array, taken?: () => void): void {
    if (this.#ended || !this.#open) return;
    const { stream } = this.#options;
    stream.cork();
    this.#webSocket.send(head, { binary: true, fin: data === undefined }, data === undefined ? taken : undefined);
    if (data !== undefined) this.#webSocket.send(data, { binary: true, fin: true }, taken);
    stream.uncork();
    if (this.bufferedBytes > BUFFERED_BYTES_MAX) this.#drop("media");
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
  #drop(waiting: string): void {
    this.#unread = `${waiting}, ${this.bufferedBytes} bytes in all`;
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
    const { address, credentials, gate, registry } = this.#options;
    if (hello.monitor !== undefined) {
      // Its ticket was asked for by a viewer whose password was right.
      this.#letIn(registry.admitFurther(this, hello, address));
      return;
    }
    const verdict = gate.check(address, credentialsOf(hello) ?? credentials);
    if (verdict !== "ok" && verdict !== "view-only") {
      this.#refuse("", verdict);
      return;
    }
    this.#letIn(registry.admit(this, hello, address, { viewOnly: verdict === "view-only" }));
  }

  /** Undefined: it was refused, with a reason. */
  #letIn(session: Session | undefined): void {
    this.#session = session;
    if (session === undefined) return;
    this.#options.onLetIn();
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
    this.#options.onRefused(reason, detail === "" ? {} : { detail });
    this.end(reason, detail);
  }
}

function credentialsOf({ user, password }: ViewerHello): Credentials | undefined {
  return password === undefined ? undefined : { user: user ?? "", password };
}
