// Asks an agent's /health how its desktop is, and how long that takes on a connection that stands. No password goes there, and what comes back is only shown: so
// the server's certificate is not judged here; that is done before anybody connects. For `url-route.ts`, and for routes that know an agent's address.

import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { z } from "zod";
import type { DesktopState } from "../../shared/desktops.ts";

const LIMIT_MS = 5000;
/** A connection is kept for the next time that a card asks. */
const KEEP_MS = 60_000;
/** An agent's answer has some hundred bytes. */
const ANSWER_BYTES_MAX = 64 * 1024;

const health = z.object({ ok: z.boolean(), mayConnect: z.boolean(), viewers: z.int().min(0) });

interface Exchange {
  readonly text: string;
  readonly tookMs: number;
  /** Without the time to connect. */
  readonly onOpen: boolean;
}

/** Not what an agent says, or nothing within the limit. */
class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

export class HealthProbe {
  readonly #http = new HttpAgent({ keepAlive: true, maxSockets: 1, timeout: KEEP_MS });
  readonly #https = new HttpsAgent({ keepAlive: true, maxSockets: 1, timeout: KEEP_MS, rejectUnauthorized: false });

  /** Of the agent whose page this is. Rejects with the signal's reason alone. */
  async ask(pageUrl: string, signal: AbortSignal): Promise<DesktopState> {
    try {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
      const first = await this.#exchange(pageUrl, limited);
      const { text, tookMs } = first.onOpen ? first : await this.#exchange(pageUrl, limited);
      const { ok, mayConnect, viewers } = readHealth(text);
      const condition = ok ? (mayConnect ? "ready" : "full") : "starting";
      return { condition, latencyMs: Math.round(tookMs * 10) / 10, viewers };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      // Node's errors of a connection have a code; the limit is an AbortError.
      const isExpected = error instanceof NoAnswer || (error instanceof Error && "code" in error);
      if (!isExpected) throw error;
      return { condition: "away" };
    }
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #exchange(pageUrl: string, signal: AbortSignal): Promise<Exchange> {
    const url = new URL("health", pageUrl);
    return new Promise((resolve, reject) => {
      const answered = (response: IncomingMessage): void => {
        const pieces: Buffer[] = [];
        let bytes = 0;
        response.on("data", (piece: Buffer) => {
          bytes += piece.length;
          pieces.push(piece);
          if (bytes > ANSWER_BYTES_MAX) response.destroy(new NoAnswer("too long"));
        });
        response.once("error", reject);
        response.once("end", () => {
          const text = Buffer.concat(pieces).toString();
          resolve({ text, tookMs: performance.now() - beganMs, onOpen: request.reusedSocket });
        });
      };
      const beganMs = performance.now();
      const options = { signal, headers: { accept: "application/json" } };
      const request: ClientRequest =
        url.protocol === "https:"
          ? requestHttps(url, { ...options, agent: this.#https }, answered)
          : requestHttp(url, { ...options, agent: this.#http }, answered);
      request.once("error", reject);
      request.end();
    });
  }
}

function readHealth(text: string): z.infer<typeof health> {
  try {
    return health.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) throw new NoAnswer("no agent");
    throw error;
  }
}
