// Bulk bytes over the one TCP port, as protocol `transfer.ts` says: finds the session by its ticket, asks it what stands at the address,
// and streams from or into that, no faster than the session has bandwidth to spare (`pace.ts`). Knows nothing of clipboards and files: they
// come as `TransferPlaces` by way of `session/`. Requests come from `http.ts`.

import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { REPR_DIGEST, UPLOAD_COMPLETE, UPLOAD_OFFSET } from "@eglantine/protocol/transfer";
import type { Closable } from "../close.ts";
import type { Log } from "../log.ts";
import {
  type Download,
  type TransferAccess,
  TransferError,
  type TransferPlaces,
  type Upload,
} from "../session/types.ts";
import { type ByteRange, rangeOf } from "./byte-range.ts";
import { originAllowed } from "./origin.ts";
import { Pace } from "./pace.ts";
import type { Proxies } from "./proxies.ts";
import { Tickets } from "./tickets.ts";

export interface TransfersOptions {
  readonly allowedOrigins: readonly string[];
  readonly proxies: Proxies;
  readonly nowMs: () => number;
  readonly log: Log;
  /** Nothing moved for so long: the request is given up, ms. */
  readonly idleMs?: number;
}

interface Holder {
  readonly session: string;
  readonly places: TransferPlaces;
  readonly up: Pace;
  readonly down: Pace;
  readonly running: Set<ServerResponse>;
}

const IDLE_MS = 60_000;
/** At a time, of one session. */
const RUNNING_MAX = 8;
/** Handed to the network at a time, bytes: what is paced in between. */
const PIECE_BYTES = 64 * 1024;
const METHODS = "GET, HEAD, PUT, DELETE, OPTIONS";
const REQUEST_HEADERS =
  `authorization, content-type, range, if-range, ${UPLOAD_OFFSET}, ${UPLOAD_COMPLETE}, ${REPR_DIGEST}`.toLowerCase();
const ANSWER_HEADERS = `content-range, accept-ranges, etag, ${UPLOAD_OFFSET}`.toLowerCase();
const PREFLIGHT_SECONDS = 600;
const DRAIN_MS = 2000;

export class Transfers implements TransferAccess, Closable {
  readonly #options: TransfersOptions;
  readonly #tickets: Tickets<Holder>;
  readonly #holders = new Map<string, Holder>();

  constructor(options: TransfersOptions) {
    this.#options = options;
    this.#tickets = new Tickets({ nowMs: options.nowMs });
  }

  ticket(session: string, places: TransferPlaces, spareBps: (way: "up" | "down") => number): string {
    const { nowMs } = this.#options;
    const holder = {
      session,
      places,
      up: new Pace(() => spareBps("up"), nowMs),
      down: new Pace(() => spareBps("down"), nowMs),
      running: new Set<ServerResponse>(),
    };
    this.#holders.set(session, holder);
    return this.#tickets.issue(holder);
  }

  endSession(session: string): void {
    const holder = this.#holders.get(session);
    this.#tickets.revoke(session);
    this.#holders.delete(session);
    for (const response of holder?.running ?? []) response.destroy();
  }

  /** `path`: below the transfers' own. */
  answer(request: IncomingMessage, response: ServerResponse, path: string): void {
    this.#serve(request, response, path).catch((error: unknown) => {
      // The other side went away, or the session did. A request that was read to its end is destroyed by that, and waits for its answer.
      if ((request.destroyed && !request.complete) || response.destroyed) return;
      if (!(error instanceof TransferError)) throw error;
      if (response.headersSent) response.destroy();
      else say(request, response, error.status, error.message);
    });
  }

  close(): Promise<void> {
    for (const session of this.#holders.keys()) this.endSession(session);
    return Promise.resolve();
  }

  async #serve(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    response.setHeader("Cache-Control", "no-store");
    if (!this.#admitOrigin(request, response))
      throw new TransferError(403, "The agent accepts no page from this address.");
    if (request.method === "OPTIONS") {
      response.writeHead(204).end();
      return;
    }
    const ticket = /^Bearer ([\w-]{1,128})$/i.exec(request.headers.authorization ?? "")?.[1];
    const holder = ticket === undefined ? undefined : this.#tickets.find(ticket);
    if (holder === undefined) {
      response.setHeader("WWW-Authenticate", "Bearer");
      throw new TransferError(401, "The session of this transfer is over.");
    }
    if (holder.running.size >= RUNNING_MAX) throw new TransferError(429, "Too many transfers at a time.");
    holder.running.add(response);
    try {
      request.setTimeout(this.#options.idleMs ?? IDLE_MS, () => response.destroy());
      const place = await holder.places.open(namesOf(path));
      if (place.kind === "upload") await this.#take(request, response, place, holder.up);
      else await this.#give(request, response, place, holder.down);
    } finally {
      holder.running.delete(response);
    }
  }

  /** Tells a page of another origin that it may; false where it may not. */
  #admitOrigin(request: IncomingMessage, response: ServerResponse): boolean {
    const { origin } = request.headers;
    const { host, protocol } = this.#options.proxies.caller(request);
    response.setHeader("Vary", "Origin");
    if (!originAllowed(origin, host, this.#options.allowedOrigins, protocol)) return false;
    if (origin === undefined) return true;
    response.setHeader("Access-Control-Allow-Origin", origin);
    response.setHeader("Access-Control-Expose-Headers", ANSWER_HEADERS);
    if (request.method === "OPTIONS") {
      response.setHeader("Access-Control-Allow-Methods", METHODS);
      response.setHeader("Access-Control-Allow-Headers", REQUEST_HEADERS);
      response.setHeader("Access-Control-Max-Age", PREFLIGHT_SECONDS);
    }
    return true;
  }

  async #give(request: IncomingMessage, response: ServerResponse, place: Download, pace: Pace): Promise<void> {
    if (request.method !== "GET" && request.method !== "HEAD") throw wrongMethod(response, "GET, HEAD");
    const { sizeBytes, etag } = place;
    const { range: wanted, "if-range": ifRange } = request.headers;
    const range = rangeOf(wanted, String(ifRange ?? etag), { sizeBytes, etag });
    response.setHeader("Content-Type", place.type);
    response.setHeader("Accept-Ranges", "bytes");
    response.setHeader("ETag", etag);
    // Whatever it is, a browser must not show it as a page of the agent's own.
    response.setHeader("Content-Disposition", "attachment");
    if (range === "unsatisfiable") {
      response.setHeader("Content-Range", `bytes */${sizeBytes}`);
      throw new TransferError(416, `There are ${sizeBytes} bytes.`);
    }
    const { from, to }: ByteRange = range ?? { from: 0, to: sizeBytes };
    if (range !== undefined) {
      response.statusCode = 206;
      response.setHeader("Content-Range", `bytes ${from}-${to - 1}/${sizeBytes}`);
    }
    response.setHeader("Content-Length", to - from);
    if (request.method === "HEAD") {
      response.end();
      return;
    }
    // Its first byte may have to wait.
    response.flushHeaders();
    for await (const chunk of place.read(from, to)) {
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
        const piece = chunk.subarray(at, at + PIECE_BYTES);
        await pace.take(piece.length);
        if (response.destroyed) return;
        if (!response.write(piece)) await Promise.race([once(response, "drain"), once(response, "close")]);
      }
    }
    response.end();
  }

  async #take(request: IncomingMessage, response: ServerResponse, place: Upload, pace: Pace): Promise<void> {
    const tellOffset = () => response.setHeader(UPLOAD_OFFSET, place.offsetBytes);
    if (request.method === "HEAD") {
      tellOffset();
      response.writeHead(204).end();
      return;
    }
    if (request.method === "DELETE" && place.discard !== undefined) {
      await place.discard();
      response.writeHead(204).end();
      return;
    }
    if (request.method !== "PUT") throw wrongMethod(response, "PUT, HEAD");
    const offset = request.headers[UPLOAD_OFFSET.toLowerCase()] ?? "0";
    if (offset !== String(place.offsetBytes)) {
      tellOffset();
      throw new TransferError(409, `The agent has ${place.offsetBytes} bytes.`);
    }
    const finish = place.begin();
    try {
      // What is refused is still to be answered.
      const body = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
      for await (const chunk of body) {
        await pace.take(chunk.length);
        await place.write(chunk);
      }
      if (request.headers[UPLOAD_COMPLETE.toLowerCase()] !== "?0") await place.complete(sha256Of(request));
    } finally {
      finish();
    }
    tellOffset();
    response.writeHead(204).end();
  }
}

function wrongMethod(response: ServerResponse, allowed: string): TransferError {
  response.setHeader("Allow", allowed);
  return new TransferError(405, `Only ${allowed}.`);
}

function sha256Of({ headers }: IncomingMessage): Uint8Array | undefined {
  const text = /(?:^|[ ,])sha-256=:([\w+/]{43}=):/.exec(String(headers[REPR_DIGEST.toLowerCase()] ?? ""))?.[1];
  return text === undefined ? undefined : Buffer.from(text, "base64");
}

function namesOf(path: string): readonly string[] {
  try {
    return (path.split("?")[0] ?? "").split("/").map(decodeURIComponent);
  } catch (error) {
    if (error instanceof URIError) throw new TransferError(400, "The address can't be read.");
    throw error;
  }
}

/** What is left of a body is dropped for a while, so that the answer can be read; then the connection ends. */
function say(request: IncomingMessage, response: ServerResponse, status: number, sentence: string): void {
  response.statusCode = status;
  response.removeHeader("Content-Length");
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end(`${sentence}\n`);
  if (request.complete) return;
  const late = setTimeout(() => request.destroy(), DRAIN_MS);
  request.once("close", () => clearTimeout(late));
  request.resume();
}
