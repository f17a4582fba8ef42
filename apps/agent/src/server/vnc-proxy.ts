// RFB over the one TCP port: a WebSocket at `vnc` below the agent's URL, relayed to the X server's Unix socket. The X server
// asks for nothing there; who may come in is decided here, by a ticket of `tickets.ts`, and what may be said by `rfb-filter.ts`.
// Takes the upgrade from `agent.ts`; `session/session.ts` asks for tickets and says when a session is over.

import type { IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { VNC_SUBPROTOCOL, VNC_TICKET_PREFIX } from "@eglantine/protocol/channels";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type { Closable } from "../close.ts";
import { codeOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { RfbAccess } from "../session/types.ts";
import { Tally } from "../tally.ts";
import { originAllowed } from "./origin.ts";
import type { Proxies } from "./proxies.ts";
import { refuse } from "./refusal.ts";
import { Refusals } from "./refusals.ts";
import { RFB_REFUSALS, RfbError, RfbFilter, type RfbRefusal, type RfbRole } from "./rfb-filter.ts";
import { type PixelSize, RfbWatch, RfbWatchError } from "./rfb-watch.ts";
import { Tickets } from "./tickets.ts";

/** Why an RFB connection ended, each with the sentence that the viewer's user reads. */
export const RFB_ENDS = {
  ...RFB_REFUSALS,
  "viewer-left": "The viewer left.",
  "session-over": "The session is over.",
  replaced: "The same viewer opened noVNC again.",
  ticket: "The ticket is unknown, spent, or older than a minute.",
  crowded: "Too many viewers without a ticket are being turned away.",
  origin: "The agent does not accept noVNC from this page's address.",
  "no-socket": "The X server's RFB socket can't be opened.",
  "server-closed": "The X server closed noVNC.",
  "server-unknown": "The X server said something over RFB that a viewer who only watches can't be given.",
  "frame-too-long": "The viewer sent a frame that is too long.",
  silent: "The viewer did not answer any more.",
} as const satisfies Record<RfbRefusal, string> & Record<string, string>;

export type RfbEnd = keyof typeof RFB_ENDS;

/** Whose RFB connection it will be. */
interface RfbHolder {
  /** Id of the session. */
  readonly session: string;
  readonly viewOnly: boolean;
  /** Hears when the RFB connection opens and when it is closed. */
  readonly onOpen?: (open: boolean) => void;
}

export interface VncProxyOptions {
  /** Unix socket on which the X server speaks RFB. */
  readonly socketPath: string;
  /** Viewers may change the desktop's size now. */
  readonly mayResize: () => boolean;
  /** The largest that they may ask for. */
  readonly maxSize: { readonly widthPx: number; readonly heightPx: number };
  /** Which way the clipboard goes for a viewer of this role. */
  readonly clipboard: (viewOnly: boolean) => { readonly in: boolean; readonly out: boolean };
  readonly allowedOrigins: readonly string[];
  readonly proxies: Proxies;
  readonly nowMs: () => number;
  readonly log: Log;
  readonly pingMs?: number;
}

const TICKET_LIFE_MS = 60_000;
/** Longest frame of a viewer, bytes; noVNC sends at most 10 KiB at a time. */
const FRAME_BYTES = 64 * 1024;
/** The X server is not read while this much waits for a slow viewer, and is again below the half, bytes. */
const WAITING_BYTES = 512 * 1024;
/** A connection that does not answer a ping until the next one is dead. Also keeps proxies from cutting a still desktop off. */
const PING_MS = 12_000;
/** Connections without a ticket that are being told so, and not closed yet: more are refused without a word. */
const TURNED_AWAY_MAX = 32;
/** How long the other side may take over its closing handshake, ms. */
const CLOSE_MS = 500;
/** WebSocket close codes (RFC 6455, section 7.4.1). */
const NORMAL = 1000;
const POLICY = 1008;
const TRY_LATER = 1013;
const GOOD_ENDS: readonly RfbEnd[] = ["viewer-left", "session-over", "replaced"];

export class VncProxy implements RfbAccess, Closable {
  readonly #options: VncProxyOptions;
  readonly #tickets: Tickets<RfbHolder>;
  readonly #server: WebSocketServer;
  /** One a session. */
  readonly #relays = new Map<string, Relay>();
  /** All that have not closed yet. */
  readonly #open = new Set<Promise<void>>();
  readonly #ends = new Tally<RfbEnd>();
  readonly #refusals: Refusals<RfbEnd>;
  #turnedAway = 0;

  constructor(options: VncProxyOptions) {
    this.#options = options;
    this.#tickets = new Tickets({ nowMs: options.nowMs, lifeMs: TICKET_LIFE_MS });
    this.#refusals = new Refusals(this.#ends, "noVNC refused", options.nowMs, options.log);
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: FRAME_BYTES,
      perMessageDeflate: false,
      clientTracking: false,
      handleProtocols: () => VNC_SUBPROTOCOL,
    });
  }

  /** How many connections ended, by reason, since start. */
  get ends(): Tally<RfbEnd> {
    return this.#ends;
  }

  get connections(): number {
    return this.#relays.size;
  }

  ticket(session: string, viewOnly: boolean, onOpen?: (open: boolean) => void): string {
    return this.#tickets.issue({ session, viewOnly, ...(onOpen === undefined ? {} : { onOpen }) });
  }

  endSession(session: string): void {
    this.#tickets.revoke(session);
    this.#relays.get(session)?.end("session-over");
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((one) => one.trim());
    if (!offered.includes(VNC_SUBPROTOCOL)) {
      refuse(socket, "400 Bad Request");
      return;
    }
    const ticket = offered.find((one) => one.startsWith(VNC_TICKET_PREFIX))?.slice(VNC_TICKET_PREFIX.length) ?? "";
    const { address, host, protocol } = this.#options.proxies.caller(request);
    const own = originAllowed(request.headers.origin, host, this.#options.allowedOrigins, protocol);
    const holder = own ? this.#tickets.spend(ticket) : undefined;
    if (holder !== undefined) {
      this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#relay(webSocket, holder));
    } else if (this.#turnedAway >= TURNED_AWAY_MAX) {
      this.#refusals.add("crowded", { address });
      refuse(socket, "503 Service Unavailable");
    } else {
      // Said in band: a page does not see the status of a failed upgrade.
      const reason = own ? "ticket" : "origin";
      this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#turnAway(webSocket, reason, address));
    }
  }

  async close(): Promise<void> {
    for (const relay of this.#relays.values()) relay.end("session-over");
    await Promise.all(this.#open);
  }

  #turnAway(webSocket: WebSocket, reason: RfbEnd, address: string): void {
    this.#refusals.add(reason, { address });
    webSocket.on("error", (error) => this.#options.log.debug({ detail: error.message }, "WebSocket error"));
    this.#turnedAway += 1;
    const closed = sayBye(webSocket, reason);
    this.#track(closed);
    void closed.then(() => (this.#turnedAway -= 1));
  }

  #relay(webSocket: WebSocket, holder: RfbHolder): void {
    const { session, viewOnly, onOpen } = holder;
    const log = this.#options.log.child({ session: session.slice(0, 8) });
    this.#relays.get(session)?.end("replaced");
    const { mayResize, maxSize } = this.#options;
    const clipboard = this.#options.clipboard(viewOnly);
    const relay = new Relay(webSocket, {
      socketPath: this.#options.socketPath,
      role: {
        input: !viewOnly,
        get resize() {
          return mayResize() && !viewOnly ? maxSize : undefined;
        },
        clipboardIn: clipboard.in,
        clipboardOut: clipboard.out,
      },
      pingMs: this.#options.pingMs ?? PING_MS,
      log,
      onEnded: (reason, facts) => {
        if (this.#relays.get(session) === relay) this.#relays.delete(session);
        onOpen?.(false);
        log.info({ reason, count: this.#ends.add(reason), ...facts }, "noVNC closed");
      },
    });
    this.#relays.set(session, relay);
    this.#track(relay.closed);
    onOpen?.(true);
    log.info({ viewOnly }, "noVNC opened");
  }

  #track(closed: Promise<void>): void {
    this.#open.add(closed);
    void closed.then(() => this.#open.delete(closed));
  }
}

interface RelayOptions {
  readonly socketPath: string;
  readonly role: RfbRole;
  readonly pingMs: number;
  readonly log: Log;
  /** Once. */
  readonly onEnded: (reason: RfbEnd, facts: { dropped: number; detail: string | undefined }) => void;
}

/** One viewer's WebSocket and its connection to the X server. What one side does not take is not read from the other. */
class Relay {
  /** Resolves when the WebSocket is gone. */
  readonly closed: Promise<void>;
  readonly #webSocket: WebSocket;
  readonly #rfb: Socket;
  readonly #options: RelayOptions;
  readonly #filter: RfbFilter;
  readonly #pingTimer: NodeJS.Timeout;
  /** Pieces of what is read now. */
  readonly #watched: Uint8Array[] = [];
  #connected = false;
  #answered = true;
  #over = false;

  constructor(webSocket: WebSocket, options: RelayOptions) {
    this.#webSocket = webSocket;
    this.#options = options;
    this.#rfb = connect({ path: options.socketPath });
    const pixel: PixelSize = { bytes: undefined };
    this.#filter = new RfbFilter(options.role, (bytes) => void this.#rfb.write(Buffer.from(bytes)), pixel);
    const watch = options.role.clipboardOut
      ? undefined
      : new RfbWatch(pixel, (bytes) => void this.#watched.push(Buffer.from(bytes)));
    this.#rfb.on("data", (data) => this.#toViewer(watch === undefined ? data : this.#watchedOf(watch, data)));
    this.#rfb.on("drain", () => webSocket.resume());
    this.#rfb.once("connect", () => {
      this.#connected = true;
    });
    this.#rfb.on("error", (error) => {
      this.end(this.#connected ? "server-closed" : "no-socket", codeOf(error) ?? error.message);
    });
    this.#rfb.once("close", () => this.end("server-closed"));
    webSocket.on("message", (data) => this.#toServer(data));
    webSocket.on("error", (error) => {
      this.end(codeOf(error) === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH" ? "frame-too-long" : "viewer-left", error.message);
    });
    webSocket.on("pong", () => {
      this.#answered = true;
    });
    this.#pingTimer = setInterval(() => this.#ping(), options.pingMs);
    this.closed = new Promise((resolve) => {
      webSocket.once("close", () => {
        this.end("viewer-left");
        resolve();
      });
    });
  }

  /** The first reason counts. */
  end(reason: RfbEnd, detail?: string): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#pingTimer);
    this.#letGo();
    // A paused one would never see the answer to its close frame.
    this.#webSocket.resume();
    if (reason === "silent") this.#webSocket.terminate();
    else void sayBye(this.#webSocket, reason, detail);
    this.#options.onEnded(reason, { dropped: this.#filter.dropped, detail });
  }

  /** Closes the X server's side. One that takes nothing any more is not waited for. */
  #letGo(): void {
    const release = this.#filter.release();
    if (release === undefined || this.#rfb.writableNeedDrain || !this.#rfb.writable) this.#rfb.destroy();
    else this.#rfb.end(release, () => this.#rfb.destroy());
  }

  /** What of it a viewer gets that is not to have what is copied on the desktop. */
  #watchedOf(watch: RfbWatch, data: Buffer): Buffer {
    this.#watched.length = 0;
    try {
      watch.push(data);
    } catch (error) {
      if (!(error instanceof RfbWatchError)) throw error;
      this.end("server-unknown", error.message);
    }
    return Buffer.concat(this.#watched);
  }

  #toViewer(data: Buffer): void {
    if (this.#over || data.length === 0) return;
    this.#webSocket.send(data, () => {
      if (this.#webSocket.bufferedAmount < WAITING_BYTES / 2) this.#rfb.resume();
    });
    if (this.#webSocket.bufferedAmount > WAITING_BYTES) this.#rfb.pause();
  }

  #toServer(data: RawData): void {
    if (this.#over) return;
    const bytes = Buffer.isBuffer(data) ? data : Buffer.concat(Array.isArray(data) ? data : [Buffer.from(data)]);
    this.#rfb.cork();
    try {
      this.#filter.push(bytes);
    } catch (error) {
      if (!(error instanceof RfbError)) throw error;
      this.end(error.reason, error.message);
      return;
    } finally {
      this.#rfb.uncork();
    }
    if (this.#rfb.writableNeedDrain) this.#webSocket.pause();
  }

  #ping(): void {
    // One that waits for the X server does not read its pongs.
    if (this.#webSocket.isPaused) return;
    if (!this.#answered) {
      this.end("silent");
      return;
    }
    this.#answered = false;
    this.#webSocket.ping();
  }
}

/** Closes with the reason in words; resolves when it is closed. */
function sayBye(webSocket: WebSocket, reason: RfbEnd, detail?: string): Promise<void> {
  const code = GOOD_ENDS.includes(reason) ? NORMAL : reason === "no-socket" ? TRY_LATER : POLICY;
  const sentence =
    reason === "no-socket" && detail !== undefined ? `${RFB_ENDS[reason]} (${detail})` : RFB_ENDS[reason];
  return new Promise((resolve) => {
    const slow = setTimeout(() => webSocket.terminate(), CLOSE_MS);
    const done = () => {
      clearTimeout(slow);
      resolve();
    };
    if (webSocket.readyState === webSocket.CLOSED) done();
    else webSocket.once("close", done);
    webSocket.close(code, sentence);
  });
}
