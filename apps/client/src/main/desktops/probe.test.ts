// The probe against real HTTP and HTTPS servers on loopback.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeCertificate } from "../../../../../test/harness/certificate.ts";
import { HealthProbe } from "./probe.ts";

const HEALTHY = { ok: true, version: "0.1.0", mayConnect: true, viewers: 2, maxViewers: 8 };
const never = new AbortController().signal;
let probe: HealthProbe;
let servers: Server[];

beforeEach(() => {
  probe = new HealthProbe();
  servers = [];
});

afterEach(async () => {
  probe.close();
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const says =
  (body: unknown, status = 200): RequestListener =>
  (_request, response) =>
    void response.writeHead(status).end(JSON.stringify(body));

const ask = (port: number, signal = never) => probe.ask(`http://127.0.0.1:${port}/desk/`, signal);

it.each([
  ["ready", HEALTHY, 200],
  ["full", { ...HEALTHY, mayConnect: false }, 200],
  ["starting", { ...HEALTHY, ok: false, mayConnect: false }, 503],
])("knows %s, below the agent's own path", async (condition, body, status) => {
  const asked: string[] = [];
  const port = await listen(
    createServer((request, response) => {
      asked.push(request.url ?? "");
      says(body, status)(request, response);
    }),
  );
  const state = await ask(port);
  expect(state).toMatchObject({ condition, viewers: 2 });
  expect(state.latencyMs).toBeGreaterThan(0);
  expect(asked).toEqual(["/desk/health", "/desk/health"]);
});

it("measures on a connection that stands, and keeps it for the next time", async () => {
  let connections = 0;
  const server = createServer(says(HEALTHY));
  server.on("connection", () => (connections += 1));
  const port = await listen(server);
  await ask(port);
  await ask(port);
  expect(connections).toBe(1);
});

it("asks an agent with a certificate of its own too: nothing secret goes there", async () => {
  const folder = mkdtempSync(join(tmpdir(), "eglantine-probe-"));
  const { certFile, keyFile } = makeCertificate(folder);
  const headers: object[] = [];
  const server = createTlsServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, (request, response) => {
    headers.push(request.headers);
    says(HEALTHY)(request, response);
  });
  rmSync(folder, { recursive: true });
  const port = await listen(server);
  expect(await probe.ask(`https://127.0.0.1:${port}/`, never)).toMatchObject({ condition: "ready" });
  expect(JSON.stringify(headers)).not.toMatch(/authorization|cookie/i);
});

const OTHERS: readonly (readonly [string, RequestListener])[] = [
  ["something else", says({ hello: "world" })],
  ["a page", (_request, response) => void response.end("<!doctype html>")],
  ["no end", (_request, response) => void response.end("x".repeat(1 << 20))],
  ["an end in the middle", (_request, response) => void response.writeHead(200, { "content-length": 99 }).destroy()],
];

it.each(OTHERS)("calls an agent away where %s answers", async (_what, answer) => {
  expect(await ask(await listen(createServer(answer)))).toEqual({ condition: "away" });
});

it("calls an agent away where nobody listens, or no host is", async () => {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => servers.pop()?.close(resolve));
  expect(await ask(port)).toEqual({ condition: "away" });
  expect(await probe.ask("http://no-such-host.invalid/", never)).toEqual({ condition: "away" });
});

it("is broken off by its caller, and leaves no connection behind", async () => {
  const sockets: Socket[] = [];
  const connected = Promise.withResolvers<void>();
  const silent = createTcpServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    connected.resolve();
  });
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const breaking = new AbortController();
  const asking = ask((silent.address() as AddressInfo).port, breaking.signal);
  await connected.promise;
  const gone = Promise.all(sockets.map((socket) => new Promise((resolve) => socket.resume().once("close", resolve))));
  breaking.abort(new Error("the home is closed"));
  await expect(asking).rejects.toThrow("the home is closed");
  await gone;
  await new Promise((resolve) => silent.close(resolve));
});
