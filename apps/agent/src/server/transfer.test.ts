// Bulk bytes through the real HTTP server, with a place that a test fills and reads.

import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLog } from "../log.ts";
import { type Download, TransferError, type Upload } from "../session/types.ts";
import { HttpServer } from "./http.ts";
import { Proxies } from "./proxies.ts";
import { Transfers } from "./transfer.ts";

const BYTES = randomBytes(300_000);
const FRIEND = "https://friend.example";
let transfers: Transfers;
let http: HttpServer;
let url: string;
let ticket: string;
let spareBps: number;
/** What the place of uploads has got. */
let got: Buffer[];
let isComplete: boolean;
let digest: Uint8Array | undefined;
let busy: boolean;

const download: Download = {
  kind: "download",
  type: "text/html",
  sizeBytes: BYTES.length,
  etag: '"one"',
  async *read(from, to) {
    for (let at = from; at < to; at += 10_000) yield BYTES.subarray(at, Math.min(to, at + 10_000));
  },
};

const upload: Upload = {
  kind: "upload",
  get offsetBytes() {
    return got.reduce((sum, { length }) => sum + length, 0);
  },
  begin() {
    if (busy) throw new TransferError(409, "busy");
    busy = true;
    return () => {
      busy = false;
    };
  },
  async write(chunk) {
    if (upload.offsetBytes + chunk.length > 500_000) throw new TransferError(413, "It is too large.");
    got.push(Buffer.from(chunk));
  },
  async complete(sha256) {
    if (upload.offsetBytes === 13) throw new TransferError(422, "Thirteen is none.");
    isComplete = true;
    digest = sha256;
  },
  async discard() {
    got = [];
  },
};

beforeEach(async () => {
  [got, isComplete, busy, spareBps] = [[], false, false, 1e9];
  const [proxies, log] = [new Proxies([]), createLog("silent")];
  transfers = new Transfers({ allowedOrigins: [FRIEND], proxies, nowMs: () => performance.now(), log, idleMs: 1500 });
  http = new HttpServer({
    host: "127.0.0.1",
    port: 0,
    tls: undefined,
    pages: new Map(),
    basePath: "/desk",
    proxies,
    names: "loopback",
    health: () => ({ ok: true }),
    onUpgrade: () => undefined,
    onTransfer: (request, response, path) => transfers.answer(request, response, path),
    log,
  });
  url = `http://127.0.0.1:${await http.listen()}/desk/transfer/`;
  ticket = transfers.ticket(
    "session",
    {
      open: async ([name]) => {
        if (name === "get") return download;
        if (name === "put") return upload;
        throw new TransferError(404, "There is nothing here.");
      },
    },
    () => spareBps,
  );
});
afterEach(async () => {
  await transfers.close();
  await http.close();
});

const ask = (
  name: string,
  init: { method?: string; body?: Uint8Array<ArrayBuffer>; headers?: Record<string, string> } = {},
) => fetch(url + name, { ...init, headers: { authorization: `Bearer ${ticket}`, ...init.headers } });
const put = (body: Uint8Array<ArrayBuffer>, offset: number, complete: boolean) =>
  ask("put", {
    method: "PUT",
    body,
    headers: { "upload-offset": String(offset), "upload-complete": complete ? "?1" : "?0" },
  });

test("everything, a part, and what is not there", async () => {
  const whole = await ask("get");
  expect(whole.headers.get("content-disposition")).toBe("attachment");
  expect(Buffer.from(await whole.arrayBuffer()).equals(BYTES)).toBe(true);
  const part = await ask("get", { headers: { range: "bytes=123456-", "if-range": '"one"' } });
  expect([part.status, part.headers.get("content-range")]).toEqual([206, "bytes 123456-299999/300000"]);
  expect(Buffer.from(await part.arrayBuffer()).equals(BYTES.subarray(123_456))).toBe(true);
  const beyond = await ask("get", { headers: { range: "bytes=300000-" } });
  expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, "bytes */300000"]);
  const nothing = await ask("else");
  expect([nothing.status, await nothing.text()]).toEqual([404, "There is nothing here.\n"]);
  const head = await ask("get", { method: "HEAD" });
  expect(head.headers.get("content-length")).toBe("300000");
});

test("an upload goes on where it was, and never elsewhere", async () => {
  expect((await put(new Uint8Array(100_000), 0, false)).headers.get("upload-offset")).toBe("100000");
  const wrong = await put(new Uint8Array(10), 0, true);
  expect([wrong.status, wrong.headers.get("upload-offset")]).toEqual([409, "100000"]);
  expect((await ask("put", { method: "HEAD" })).headers.get("upload-offset")).toBe("100000");
  expect(isComplete).toBe(false);
  expect((await put(new Uint8Array(50_000), 100_000, true)).status).toBe(204);
  expect([upload.offsetBytes, isComplete]).toEqual([150_000, true]);
});

test("the digest of the last piece is passed on, and what is none is not", async () => {
  const sent = (text: string) =>
    ask("put", { method: "PUT", body: new Uint8Array(), headers: { "repr-digest": text, "upload-offset": "0" } });
  const sha256 = Buffer.alloc(32, 0xfb);
  await sent(`sha-512=:AAAA:, sha-256=:${sha256.toString("base64")}:`);
  expect(Buffer.from(digest ?? []).equals(sha256)).toBe(true);
  for (const text of ["sha-256=:AAAA:", "nonsense", `xsha-256=:${sha256.toString("base64")}:`]) {
    await sent(text);
    expect(digest).toBeUndefined();
  }
});

test("what has come is forgotten when it is deleted", async () => {
  await put(new Uint8Array(100), 0, false);
  expect((await ask("put", { method: "DELETE" })).status).toBe(204);
  expect(upload.offsetBytes).toBe(0);
  expect((await ask("get", { method: "DELETE" })).status).toBe(405);
});

test("what came before a connection broke is kept, and the next piece follows it", async () => {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write(
    `PUT /desk/transfer/put HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${ticket}\r\nContent-Length: 1000\r\n\r\n${"x".repeat(400)}`,
  );
  await expect.poll(() => upload.offsetBytes).toBe(400);
  socket.destroy();
  await expect.poll(() => busy).toBe(false);
  expect(isComplete).toBe(false);
  expect((await put(new Uint8Array(600), 400, true)).status).toBe(204);
  expect([upload.offsetBytes, isComplete]).toEqual([1000, true]);
});

test("what is too large is refused in words, and its rest is dropped", async () => {
  const refused = await put(new Uint8Array(5_000_000), 0, true);
  expect([refused.status, await refused.text()]).toEqual([413, "It is too large.\n"]);
  expect(upload.offsetBytes).toBeLessThanOrEqual(500_000);
  expect(isComplete).toBe(false);
});

test("what is refused when all of it has come is answered, too", async () => {
  const refused = await put(new Uint8Array(13), 0, true);
  expect([refused.status, await refused.text()]).toEqual([422, "Thirteen is none.\n"]);
});

test("without the session's ticket there is nothing, and after the session neither", async () => {
  for (const authorization of ["", "Bearer nonsense", `Basic ${ticket}`, `Bearer ${ticket}x`]) {
    expect((await ask("get", { headers: { authorization } })).status).toBe(401);
  }
  transfers.endSession("session");
  expect((await ask("get")).status).toBe(401);
});

test("a session that ends takes its transfers along", async () => {
  spareBps = 80_000;
  const response = await ask("get");
  transfers.endSession("session");
  await expect(response.arrayBuffer()).rejects.toThrow();
});

test("pages of permitted origins may, others may not", async () => {
  const preflight = await fetch(`${url}get`, { method: "OPTIONS", headers: { origin: FRIEND } });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-origin")).toBe(FRIEND);
  expect(preflight.headers.get("access-control-allow-headers")).toContain("authorization");
  expect(
    (await ask("get", { headers: { origin: "app://eglantine" } })).headers.get("access-control-allow-origin"),
  ).toBe("app://eglantine");
  const stranger = await ask("get", { headers: { origin: "https://stranger.example" } });
  expect([stranger.status, stranger.headers.get("access-control-allow-origin")]).toEqual([403, null]);
});

test("bytes pass no faster than there is to spare", async () => {
  // 300 KB, of which a bucket of 64 KB passes at once, at 2.4 Mbit/s.
  spareBps = 2.4e6;
  const startMs = performance.now();
  await (await ask("get")).arrayBuffer();
  expect(performance.now() - startMs).toBeGreaterThan(500);
});

test("a body that stands still is given up", async () => {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.on("error", () => undefined);
  socket.write(
    `PUT /desk/transfer/put HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${ticket}\r\nContent-Length: 1000\r\n\r\nabc`,
  );
  await closed;
  await expect.poll(() => busy).toBe(false);
});

test("of one session no more than a few run at a time", async () => {
  spareBps = 1000;
  const running = await Promise.all(Array.from({ length: 8 }, () => ask("get")));
  expect(running.every(({ ok }) => ok)).toBe(true);
  expect((await ask("get")).status).toBe(429);
  await Promise.all(running.map(async (response) => response.body?.cancel()));
});
