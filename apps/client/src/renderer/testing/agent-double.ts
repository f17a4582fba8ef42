// An agent without a desktop, for tests of the client: serves the built page, speaks the control channel as it is told to,
// and hands offers to a second browser page (`desktop-double.ts`) that sends a real picture over real WebRTC, codes the same
// picture for the socket path, and reports every message of the data channels back. It implements the protocol's contract with
// the protocol's own parsers.

import { createReadStream, existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { CONTROL_PATH, CONTROL_SUBPROTOCOL } from "@eglantine/protocol/channels";
import { type AgentControl, parseViewerControl, type ViewerControl } from "@eglantine/protocol/control";
import { type FeedbackMessage, feedbackCodec } from "@eglantine/protocol/feedback";
import { inputCodec, type InputMessage } from "@eglantine/protocol/input";
import { type Codec, CODECS, type Path } from "@eglantine/protocol/formats";
import type { Reason } from "@eglantine/protocol/reasons";
import { type SocketMedia, socketMediaCodec, type SocketViewer, socketViewerCodec } from "@eglantine/protocol/socket";
import { PROTOCOL_VERSION } from "@eglantine/protocol/version";
import { WebSocket, WebSocketServer } from "ws";

type Hello = Extract<AgentControl, { type: "hello" }>;

export interface AgentDoubleOptions {
  /** Folder of the built page. */
  readonly page: string;
  readonly version?: { readonly major: number; readonly minor: number };
  readonly password?: string;
  /** Answered to every hello instead of letting in. */
  readonly refuse?: Reason;
  /** The reason of a bye that is said to every viewer before its hello. */
  readonly firstWord?: Reason;
  /** Never answers a hello. */
  readonly mute?: boolean;
  readonly resize?: boolean;
  /** Ways of the picture that the hello offers; WebRTC alone without it. */
  readonly paths?: readonly Path[];
  readonly iceServers?: Hello["iceServers"];
  /** What else the hello offers. */
  readonly hello?: Partial<Hello>;
  /** Host name of the page's address; it must lead to 127.0.0.1. */
  readonly host?: string;
  /** What the desktop page codes for the socket; H.264 without it. */
  readonly codec?: Codec;
  /** Messages of the input channel that came over WebRTC are not acknowledged. */
  readonly silentOverWebRtc?: boolean;
  /** Path below which everything lives, with slashes at both ends. */
  readonly prefix?: string;
}

export interface ReceivedInput {
  readonly channel: string;
  readonly path: "webrtc" | "socket";
  readonly message: InputMessage;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** First byte of a coded picture from the desktop page; 1 beside it: a keyframe. */
const CODED = 0x80;
const CHANNEL_NAMES = ["input", "motion"];

export class AgentDouble {
  /** Everything that viewers said and did, oldest first. */
  readonly control: ViewerControl[] = [];
  readonly input: ReceivedInput[] = [];
  readonly acks: Extract<SocketViewer, { type: "ack" }>[] = [];
  /** Control connections of viewers so far, greeted or not. */
  connections = 0;
  /** Spoils the bytes of the next picture on the socket. */
  spoilNext = false;
  /** Of the next control connections, so many break off before they open. */
  breaksOff = 0;
  /** Offers and candidates of viewers wait for `passSignals`. */
  holdsSignals = false;
  options: AgentDoubleOptions;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, handleProtocols: () => CONTROL_SUBPROTOCOL });
  readonly #watchers = new Set<() => void>();
  #viewer: WebSocket | undefined;
  #desktop: WebSocket | undefined;
  readonly #signals: string[] = [];
  #path: Path | undefined;
  #frame = 0;
  /** The picture's path begins with the next keyframe. */
  #announce: string | undefined;
  /** Of the input channel: which path counts, how many were taken, how many of the next have been had. */
  #inputPath: ReceivedInput["path"] | undefined;
  #taken = 0;
  #skip = 0;

  private constructor(options: AgentDoubleOptions) {
    this.options = options;
    const prefix = options.prefix ?? "/";
    this.#server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://double");
      if (pathname === "/desktop") {
        response.setHeader("content-type", "text/html");
        response.end("<!doctype html><title>desktop double</title>");
        return;
      }
      if (pathname === `${prefix}health`) {
        const viewers = this.#viewer?.readyState === WebSocket.OPEN ? 1 : 0;
        response.end(JSON.stringify({ ok: true, mayConnect: true, viewers }));
        return;
      }
      const name = pathname === prefix ? "index.html" : pathname.slice(prefix.length);
      const path = join(this.options.page, name);
      if (!pathname.startsWith(prefix) || name.includes("..") || !existsSync(path)) {
        response.statusCode = 404;
        response.end();
        return;
      }
      response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream");
      createReadStream(path).pipe(response);
    });
    this.#server.on("upgrade", (request, socket, head) => {
      if (this.breaksOff > 0 && request.url === prefix + CONTROL_PATH) {
        this.breaksOff -= 1;
        socket.destroy();
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
        if (request.url === "/desktop-signals") this.#desktopJoined(webSocket);
        else if (request.url === prefix + CONTROL_PATH) this.#viewerJoined(webSocket);
        else webSocket.close();
      });
    });
  }

  /** On a port that is free. Rejects when there is none. */
  static async start(options: AgentDoubleOptions): Promise<AgentDouble> {
    const double = new AgentDouble(options);
    await new Promise<void>((resolve, reject) => {
      double.#server.once("error", reject);
      double.#server.listen(0, "127.0.0.1", () => {
        double.#server.off("error", reject);
        resolve();
      });
    });
    return double;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://${this.options.host ?? "127.0.0.1"}:${port}${this.options.prefix ?? "/"}`;
  }

  get desktopUrl(): string {
    return new URL("/desktop", this.url).href;
  }

  /** Tells the viewer. */
  send(message: AgentControl): void {
    this.#viewer?.send(JSON.stringify(message));
  }

  /** Any text on the control channel. */
  sendRaw(frame: string): void {
    this.#viewer?.send(frame);
  }

  sendFeedback(message: FeedbackMessage): void {
    this.#desktop?.send(feedbackCodec.encode(message));
  }

  /** Any bytes in a binary frame of the control connection. */
  sendRawMedia(bytes: Uint8Array): void {
    this.#viewer?.send(bytes);
  }

  /** Any bytes on the feedback channel. */
  sendRawFeedback(bytes: Uint8Array): void {
    this.#desktop?.send(bytes);
  }

  /** Sends the picture this way from its next keyframe on. */
  takePath(path: "webrtc" | "socket", why: string): void {
    this.#announce = why;
    this.#path = path;
    this.#desktop?.send(JSON.stringify({ type: "path", path }));
    if (path === "webrtc") this.#tellPath();
  }

  /** The peer ends, as when the network takes it. */
  dropPeer(): void {
    this.#desktop?.send(JSON.stringify({ type: "bye" }));
  }

  /** The agent is gone, without a word. */
  drop(): void {
    this.#viewer?.terminate();
  }

  /** Resolves once `found` gives something; it is asked after everything that arrives. */
  async until<T>(found: () => T | undefined | false): Promise<T> {
    for (;;) {
      const result = found();
      if (result !== undefined && result !== false) return result;
      await new Promise<void>((resolve) => {
        const watcher = (): void => {
          this.#watchers.delete(watcher);
          resolve();
        };
        this.#watchers.add(watcher);
      });
    }
  }

  async close(): Promise<void> {
    this.#viewer?.terminate();
    this.#desktop?.terminate();
    this.#sockets.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** WebRTC begins, where it was held. */
  passSignals(): void {
    this.holdsSignals = false;
    for (const signal of this.#signals.splice(0)) this.#desktop?.send(signal);
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }

  #viewerJoined(socket: WebSocket): void {
    this.connections += 1;
    this.#viewer = socket;
    const { firstWord } = this.options;
    if (firstWord !== undefined) this.send({ type: "bye", reason: firstWord });
    this.#changed();
    this.#inputPath = undefined;
    this.#taken = 0;
    this.#path = undefined;
    socket.on("message", (data: Buffer, isBinary) => {
      if (isBinary) {
        this.#takeBinary(socketViewerCodec.decode(new Uint8Array(data)));
        return;
      }
      const message = parseViewerControl(data.toString("utf8"));
      this.control.push(message);
      if (message.type === "hello") this.#answerHello(message);
      if (message.type === "keyframe") this.#desktop?.send(JSON.stringify(message));
      const signal = message.type === "offer" || message.type === "candidate";
      if (signal && this.holdsSignals) this.#signals.push(JSON.stringify(message));
      else if (signal && this.options.mute !== true) this.#desktop?.send(JSON.stringify(message));
      this.#changed();
    });
    socket.on("close", () => this.#desktop?.send(JSON.stringify({ type: "bye" })));
  }

  #answerHello(hello: Extract<ViewerControl, { type: "hello" }>): void {
    const { refuse, mute, password, version, resize } = this.options;
    if (mute === true) return;
    const reason =
      refuse ??
      (password === undefined || hello.password === password
        ? undefined
        : hello.password === undefined
          ? "auth-required"
          : "auth-failed");
    if (reason !== undefined) {
      this.send({ type: "bye", reason });
      this.#viewer?.close();
      return;
    }
    this.send({
      type: "hello",
      version: version ?? { ...PROTOCOL_VERSION },
      agent: "double",
      session: "s1",
      iceServers: this.options.iceServers ?? [],
      resize: resize ?? false,
      paths: [...(this.options.paths ?? ["webrtc" as const])],
      viewOnly: false,
      ...this.options.hello,
    });
    this.send({
      type: "encoder",
      name: "x264enc",
      codec: "h264",
      chroma: "420",
      why: "the double has no other",
      fallback: false,
    });
  }

  #desktopJoined(socket: WebSocket): void {
    this.#desktop = socket;
    socket.on("message", (data: Buffer, isBinary) => {
      if (isBinary && ((data[0] ?? 0) & CODED) !== 0) {
        this.#sendPicture((data[0] ?? 0) !== CODED, data.subarray(1));
      } else if (isBinary) {
        const channel = CHANNEL_NAMES[data[0] ?? 0] ?? "unknown";
        this.#takeInput(channel, "webrtc", inputCodec.decode(new Uint8Array(data.subarray(1))));
      } else {
        this.#viewer?.send(data.toString("utf8"));
      }
    });
    this.#changed();
  }

  #takeBinary(message: SocketViewer): void {
    if (message.type === "ack") this.acks.push(message);
    else if (message.type !== "microphone") this.#takeInput(message.type, "socket", inputCodec.decode(message.message));
    this.#changed();
  }

  /** As the protocol's `resume` and `inputAck` say. */
  #takeInput(channel: string, path: ReceivedInput["path"], message: InputMessage): void {
    const { paths, silentOverWebRtc } = this.options;
    // Neither counted nor acknowledged.
    if (message.type === "held") return;
    if (message.type === "resume") {
      this.#inputPath = path;
      this.#skip = this.#taken - message.count;
    } else if (paths?.includes("socket") === true && channel === "input") {
      if (path !== this.#inputPath || (silentOverWebRtc === true && path === "webrtc")) return;
      if (this.#skip > 0) this.#skip -= 1;
      else {
        this.#taken += 1;
        this.input.push({ channel, path, message });
      }
      const ack = { type: "inputAck", count: this.#taken } as const;
      if (path === "webrtc") this.sendFeedback(ack);
      else this.sendMedia({ type: "feedback", message: feedbackCodec.encode(ack) });
    } else {
      this.input.push({ channel, path, message });
    }
    this.#changed();
  }

  /** A binary frame on the control connection. */
  sendMedia(message: SocketMedia): void {
    this.#viewer?.send(socketMediaCodec.encode(message));
  }

  #tellPath(): void {
    if (this.#announce === undefined || this.#path === undefined) return;
    this.send({ type: "path", path: this.#path, why: this.#announce, frame: this.#frame + 1 });
    this.#announce = undefined;
  }

  /** In two parts, as from an encoder that works in slices. */
  #sendPicture(keyframe: boolean, data: Buffer): void {
    if (this.#path !== "socket" || (this.#announce !== undefined && !keyframe)) return;
    this.#tellPath();
    this.#frame += 1;
    const bytes = new Uint8Array(data);
    if (this.spoilNext) bytes.fill(0x55, 5);
    this.spoilNext = false;
    const middle = bytes.length >> 1;
    const part = {
      type: "video" as const,
      frame: this.#frame,
      sentMs: Date.now() % 2 ** 32,
      codec: CODECS.indexOf(this.options.codec ?? "h264"),
      chroma444: false,
      keyframe,
      widthPx: 1000,
      heightPx: 600,
    };
    this.sendMedia({ ...part, first: true, last: false, data: bytes.subarray(0, middle) });
    this.sendMedia({ ...part, first: false, last: true, data: bytes.subarray(middle) });
  }

  /** Resolves once a page with `desktop-double.ts` has joined. */
  async desktopReady(): Promise<void> {
    await this.until(() => this.#desktop?.readyState === WebSocket.OPEN);
  }
}
