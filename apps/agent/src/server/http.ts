// The one TCP port, or a Unix socket in its place: client page, /health, and the upgrade to the WebSocket, which goes on to `websocket.ts`.
// Pages come from memory (`pages.ts`): no request can name a file.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TRANSFER_PATH } from "@eglantine/protocol/channels";
import type { Closable } from "../close.ts";
import { codeOf, messageOf, StartError } from "../errors.ts";
import type { Log } from "../log.ts";
import { Tally } from "../tally.ts";
import { belowBase, slashRedirect } from "./base-path.ts";
import { answersTo, type Names } from "./origin.ts";
import type { Encoding, Page } from "./pages.ts";
import { contentSecurityPolicy } from "./policy.ts";
import type { Proxies } from "./proxies.ts";
import { refuse } from "./refusal.ts";
import type { TlsFiles } from "./tls.ts";
import { clearSocket, listenOn } from "./unix-socket.ts";

const ONLY_LOOPBACK = "Without a password this agent answers only under a loopback name such as localhost.\n";
const ONLY_LISTED =
  "Without a password this agent answers under addresses, under localhost, and under the names in EGLANTINE_ALLOWED_ORIGINS alone.\n";

export interface HttpOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Of a Unix socket (`unix-socket.ts`): in place of host and port. */
  readonly path?: string;
  readonly tls: TlsFiles | undefined;
  readonly pages: ReadonlyMap<string, Page>;
  /** Of `base-path.ts`; empty for none. Whoever gets a request finds its path below it. */
  readonly basePath: string;
  readonly proxies: Proxies;
  /** Only requests under these are answered: see `origin.ts`. */
  readonly names: Names;
  /** Answered as JSON, with 200 while `ok` and 503 otherwise. */
  health(request: IncomingMessage): { readonly ok: boolean };
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Bulk bytes: `path` is what stands below the transfers' own. */
  onTransfer(request: IncomingMessage, response: ServerResponse, path: string): void;
  readonly log: Log;
}

/**
 * Slow or idle connections are cut off, so that a few of them can't hold the port. Bodies have no time limit of their own: only a
 * transfer may have one, which looks after it by itself.
 */
const HEADERS_MS = 10_000;
const REQUEST_MS = 0;
const KEEP_ALIVE_MS = 30_000;
const HEADER_BYTES = 16 * 1024;
const CONNECTIONS_MAX = 512;
/** Connections of one address that have not become a WebSocket: a browser opens six, many of them may share a proxy. */
const CONNECTIONS_PER_ADDRESS_MAX = 64;
/** How long a TLS handshake may take, and how often the times above are looked after. */
const HANDSHAKE_MS = 10_000;
const CHECK_MS = 5000;

/** Bytes that are no HTTP, headers that are too long or too slow; too many connections at once. */
type HttpRefusal = "not-understood" | "crowded";

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": contentSecurityPolicy(),
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), payment=(), usb=()",
};

export class HttpServer implements Closable {
  readonly #server: Server;
  readonly #options: HttpOptions;
  readonly #refused = new Tally<HttpRefusal>();
  /** Remote ports, by address, of connections that have not become a WebSocket. */
  readonly #waiting = new Map<string, Set<number>>();

  constructor(options: HttpOptions) {
    this.#options = options;
    const limits = {
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: CHECK_MS,
      maxHeaderSize: HEADER_BYTES,
      noDelay: true,
    };
    this.#server =
      options.tls === undefined
        ? createServer(limits)
        : createTlsServer({ ...limits, ...options.tls, minVersion: "TLSv1.2", handshakeTimeout: HANDSHAKE_MS });
    this.#server.maxConnections = CONNECTIONS_MAX;
    this.#server.on("drop", () => this.#refused.add("crowded"));
    this.#server.on("connection", (socket) => this.#take(socket));
    this.#server.on("request", (request, response) => this.#answer(request, response));
    this.#server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.on("clientError", (error, socket) => {
      options.log.debug({ code: codeOf(error) }, "HTTP request was not understood");
      this.#refused.add("not-understood");
      if (isHttpError(error)) refuse(socket, "400 Bad Request");
      else socket.destroy();
    });
  }

  /** How many connections were closed without an answer, by reason, since start. */
  get refused(): Tally<HttpRefusal> {
    return this.#refused;
  }

  /** Resolves to the port, for a Unix socket to the one of the options. Throws StartError in words when it can't be had. */
  async listen(): Promise<number> {
    const { host, port, path } = this.#options;
    if (path !== undefined) await clearSocket(path);
    await new Promise<void>((resolve, reject) => {
      const fail = (error: Error) => reject(new StartError(listenFailure(host, port, path, error)));
      this.#server.once("error", fail);
      const listening = (): void => {
        this.#server.off("error", fail);
        resolve();
      };
      if (path === undefined) this.#server.listen({ host, port }, listening);
      else listenOn(this.#server, path, listening);
    });
    this.#server.on("error", (error) => this.#options.log.error({ detail: error.message }, "port is in trouble"));
    return path === undefined ? (this.#server.address() as AddressInfo).port : port;
  }

  /** Listens no more. Connections that were upgraded are the WebSocket's, which says bye to them: not waited for. */
  close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    return Promise.resolve();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    if (!this.#mayAnswer(request)) {
      refuseBody(request, response);
      plain(response, 403, this.#options.names === "loopback" ? ONLY_LOOPBACK : ONLY_LISTED);
      return;
    }
    const { basePath } = this.#options;
    const url = request.url ?? "/";
    const below = belowBase(basePath, url);
    if (below.startsWith(`/${TRANSFER_PATH}/`)) {
      this.#options.onTransfer(request, response, below.slice(TRANSFER_PATH.length + 2));
      return;
    }
    refuseBody(request, response);
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("Allow", "GET, HEAD");
      plain(response, 405, "Only GET and HEAD.\n");
      return;
    }
    const elsewhere = slashRedirect(basePath, url);
    if (elsewhere !== undefined) {
      response.setHeader("Location", elsewhere);
      plain(response, 308, `The page is at ${elsewhere}\n`);
      return;
    }
    const path = below.split("?")[0] ?? "/";
    if (path === "/health") {
      const health = this.#options.health(request);
      response.statusCode = health.ok ? 200 : 503;
      response.setHeader("Content-Type", "application/json");
      response.setHeader("Cache-Control", "no-store");
      response.end(`${JSON.stringify(health)}\n`);
      return;
    }
    const page = this.#options.pages.get(path);
    if (page !== undefined) sendPage(request, response, page);
    else if (path === "/") plain(response, 503, "The client page is not built here. The agent itself works.\n");
    else plain(response, 404, "Not found.\n");
  }

  #take(socket: Socket): void {
    // Whoever can open it is this user.
    if (this.#options.path !== undefined) return;
    const { remoteAddress: address, remotePort: port } = socket;
    if (address === undefined || port === undefined) {
      socket.destroy();
      return;
    }
    // One trusted proxy stands for all viewers behind it.
    if (this.#options.proxies.trusts(address)) return;
    const ports = this.#waiting.get(address) ?? new Set();
    if (ports.size >= CONNECTIONS_PER_ADDRESS_MAX) {
      this.#options.log.debug({ address }, "too many connections from one address");
      this.#refused.add("crowded");
      socket.destroy();
      return;
    }
    this.#waiting.set(address, ports.add(port));
    socket.once("close", () => this.#release(address, port));
  }

  #release(address: string, port: number): void {
    const ports = this.#waiting.get(address);
    ports?.delete(port);
    if (ports?.size === 0) this.#waiting.delete(address);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // The socket has no listener of its own until the WebSocket takes it over.
    socket.on("error", (error) => this.#options.log.debug({ detail: error.message }, "upgrade broke off"));
    if (!this.#mayAnswer(request)) {
      refuse(socket, "403 Forbidden");
      return;
    }
    const { remoteAddress = "", remotePort = 0 } = request.socket;
    this.#release(remoteAddress, remotePort);
    request.url = belowBase(this.#options.basePath, request.url ?? "/");
    this.#options.onUpgrade(request, socket, head);
  }

  #mayAnswer(request: IncomingMessage): boolean {
    const { names, proxies } = this.#options;
    // Both: a page that has its name made to point here may write what a proxy would, and a proxy may give us another name.
    return answersTo(request.headers.host, names) && answersTo(proxies.caller(request).host, names);
  }
}

/** True when the other side can be told: not a broken connection, and not a TLS handshake that failed. */
function isHttpError(error: unknown): boolean {
  const code = codeOf(error) ?? "";
  return code.startsWith("HPE_") || code === "ERR_HTTP_REQUEST_TIMEOUT";
}

function sendPage(request: IncomingMessage, response: ServerResponse, page: Page): void {
  response.setHeader("Content-Security-Policy", page.contentSecurityPolicy);
  response.setHeader("Cache-Control", page.cacheControl);
  response.setHeader("ETag", page.etag);
  response.setHeader("Vary", "Accept-Encoding");
  if (request.headers["if-none-match"] === page.etag) {
    response.statusCode = 304;
    response.end();
    return;
  }
  const encoding = bestEncoding(request.headers["accept-encoding"], page);
  const body = page.bodies.get(encoding) ?? Buffer.alloc(0);
  response.setHeader("Content-Type", page.type);
  if (encoding !== "identity") response.setHeader("Content-Encoding", encoding);
  response.setHeader("Content-Length", body.length);
  response.end(request.method === "HEAD" ? undefined : body);
}

function bestEncoding(accepted: unknown, page: Page): Encoding {
  const names = typeof accepted === "string" ? accepted.split(",").map((one) => one.split(";")[0]?.trim()) : [];
  if (names.includes("br") && page.bodies.has("br")) return "br";
  if (names.includes("gzip") && page.bodies.has("gzip")) return "gzip";
  return "identity";
}

/** Nobody reads it: the connection ends with the answer, instead of waiting for the rest. */
function refuseBody({ headers }: IncomingMessage, response: ServerResponse): void {
  const some = headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
  if (some) response.setHeader("Connection", "close");
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.setHeader("Cache-Control", "no-store");
  response.end(text);
}

function listenFailure(host: string, port: number, path: string | undefined, error: unknown): string {
  if (path !== undefined) return `EGLANTINE_LISTEN: the socket ${path} can't be opened: ${messageOf(error)}`;
  const code = codeOf(error) ?? "";
  if (code === "EADDRINUSE") {
    return `port ${port} on ${host} is taken by another program: choose another one with --port or EGLANTINE_PORT`;
  }
  if (code === "EACCES") {
    return `port ${port} on ${host} may not be opened by this user: choose one from 1024 with --port or EGLANTINE_PORT`;
  }
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    return `${host} is no address of this machine: see --host and EGLANTINE_HOST`;
  }
  return `port ${port} on ${host} can't be opened: ${messageOf(error)}`;
}
