// The door to the control connections: one WebSocket a viewer, JSON text frames, and media and input as binary ones. Takes the upgrade
// from `http.ts`, checks where it comes from (`origin.ts`) and how many wait, and hands it to `visitor.ts`.

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { CONTROL_PATH, CONTROL_SUBPROTOCOL } from "@eglantine/protocol/channels";
import { LIMITS } from "@eglantine/protocol/limits";
import type { Reason } from "@eglantine/protocol/reasons";
import { WebSocketServer } from "ws";
import type { Closable } from "../close.ts";
import type { Log } from "../log.ts";
import type { Registry } from "../session/registry.ts";
import { Tally } from "../tally.ts";
import { basicCredentials, type Gate } from "./auth.ts";
import { originAllowed } from "./origin.ts";
import type { Proxies } from "./proxies.ts";
import { refuse } from "./refusal.ts";
import { Refusals } from "./refusals.ts";
import { Visitor } from "./visitor.ts";

export interface DoorOptions {
  readonly registry: Registry;
  readonly gate: Gate;
  readonly allowedOrigins: readonly string[];
  readonly proxies: Proxies;
  readonly nowMs: () => number;
  readonly log: Log;
}

/** Why somebody is not let in: a reason of the protocol, or too many who have not said hello. */
type Refusal = Reason | "crowded";

/** Connections that have not said hello yet: all together, and from one address. */
const PENDING_MAX = 64;
const PENDING_PER_ADDRESS_MAX = 16;

/** The WebSocket endpoint. */
export class Door implements Closable {
  readonly #options: DoorOptions;
  readonly #server: WebSocketServer;
  readonly #refused = new Tally<Refusal>();
  readonly #refusals: Refusals<Refusal>;
  readonly #pending = new Map<string, number>();
  readonly #visitors = new Set<Visitor>();
  #pendingCount = 0;

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#refusals = new Refusals(this.#refused, "viewer refused", options.nowMs, options.log);
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: LIMITS.controlBytes,
      perMessageDeflate: false,
      clientTracking: false,
      handleProtocols: () => CONTROL_SUBPROTOCOL,
    });
  }

  /** How many were not let in, by reason, since start. */
  get refused(): Tally<Refusal> {
    return this.#refused;
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
      const { registry, gate, nowMs, log } = this.#options;
      const visitor = new Visitor({
        webSocket,
        stream: socket,
        address,
        credentials: basicCredentials(request.headers.authorization),
        registry,
        gate,
        nowMs,
        log,
        onLetIn: release,
        onRefused: (reason, facts) => this.#refusals.add(reason, { address, ...facts }),
        onGone: () => this.#visitors.delete(visitor),
      });
      this.#visitors.add(visitor);
      const { origin } = request.headers;
      if (originAllowed(origin, host, this.#options.allowedOrigins, protocol)) return;
      this.#refusals.add("origin-refused", {
        address,
        ...(origin === undefined ? {} : { origin: origin.slice(0, 256) }),
      });
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
    if (!crowded) return undefined;
    this.#refusals.add("crowded", { address });
    return "503 Service Unavailable";
  }

  #count(address: string, change: 1 | -1): void {
    this.#pendingCount += change;
    const count = (this.#pending.get(address) ?? 0) + change;
    if (count > 0) this.#pending.set(address, count);
    else this.#pending.delete(address);
  }
}
