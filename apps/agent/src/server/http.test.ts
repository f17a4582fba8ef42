import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createLog } from "../log.ts";
import { HttpServer } from "./http.ts";
import type { Page } from "./pages.ts";
import { Proxies } from "./proxies.ts";
import { refuse } from "./refusal.ts";

const PAGE: Page = {
  type: "text/html",
  cacheControl: "no-store",
  etag: '"1"',
  contentSecurityPolicy: "default-src 'none'",
  bodies: new Map([["identity", Buffer.from("the page")]]),
};
const open: { close(): Promise<void> | void }[] = [];

afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.close();
});

/** A server that takes upgrades for `/ws` and refuses the others, and the server's ends of all upgrades. */
async function listen({ basePath = "", trusted = [] as readonly string[] } = {}) {
  const upgrades: Socket[] = [];
  const server = new HttpServer({
    host: "127.0.0.1",
    port: 0,
    tls: undefined,
    pages: new Map([["/", PAGE]]),
    basePath,
    proxies: new Proxies(trusted),
    names: "loopback",
    health: () => ({ ok: true }),
    onUpgrade: (request, socket) => {
      upgrades.push(socket as Socket);
      if (request.url !== "/ws") refuse(socket, "404 Not Found");
    },
    onTransfer: (_request, response) => void response.writeHead(204).end(),
    log: createLog("silent"),
  });
  open.push(server, { close: () => upgrades.forEach((socket) => socket.destroy()) });
  return { port: await server.listen(), upgrades };
}

/** A peer that says `bytes` and then nothing more, not even the end. */
async function silentPeer(port: number, bytes = ""): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  open.push({ close: () => void socket.destroy() });
  await once(socket, "connect");
  socket.on("error", () => undefined);
  socket.write(bytes);
  return socket.resume();
}

const upgradeRequest = (path: string, host = "localhost") =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;

/** Resolves as soon as the other side has let go: writing fails. */
async function isLetGo(peer: Socket): Promise<void> {
  const closed = new Promise((resolve) => peer.once("close", resolve));
  if (!peer.readableEnded) await new Promise((resolve) => peer.once("end", resolve));
  const writing = setInterval(() => peer.write("x"), 5);
  await closed.finally(() => clearInterval(writing));
}

test.each([
  ["an upgrade elsewhere", upgradeRequest("/other")],
  ["an upgrade under another name", upgradeRequest("/ws", "evil.example")],
  ["no HTTP at all", "\u0001\u0002\r\n\r\n"],
])("%s is refused, and a peer that stays silent holds no socket", async (_name, bytes) => {
  const { port } = await listen();
  await isLetGo(await silentPeer(port, bytes));
});

test("one address has 64 connections before the upgrade, and any number behind it", async () => {
  const { port, upgrades } = await listen();
  const upgraded = await Promise.all(Array.from({ length: 60 }, () => silentPeer(port, upgradeRequest("/ws"))));
  await expect.poll(() => upgrades.length).toBe(60);
  const waiting = await Promise.all(Array.from({ length: 64 }, () => silentPeer(port)));
  const [last] = waiting;
  const over = await silentPeer(port);
  await isLetGo(over);
  expect([...upgraded, ...waiting].filter((socket) => socket.readableEnded || socket.destroyed)).toEqual([]);
  last?.destroy();
  await expect
    .poll(async () => (await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined))?.status)
    .toBe(200);
});

test("below a base path it answers whether or not a proxy has taken that away", async () => {
  const { port, upgrades } = await listen({ basePath: "/desk" });
  const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`, { redirect: "manual" });
  for (const path of ["/desk/", "/"]) expect(await (await get(path)).text()).toBe("the page");
  for (const path of ["/desk/health", "/health"]) expect((await get(path)).status).toBe(200);
  for (const path of ["/desktop/", "/desk/desk/", "/other"]) expect((await get(path)).status).toBe(404);
  const redirect = await get("/desk?stats=true");
  expect([redirect.status, redirect.headers.get("location")]).toEqual([308, "./desk/?stats=true"]);
  await Promise.all(["/desk/ws", "/ws"].map((path) => silentPeer(port, upgradeRequest(path))));
  await expect.poll(() => upgrades.length).toBe(2);
  await isLetGo(await silentPeer(port, upgradeRequest("/desktop/ws")));
});

test("a trusted proxy has as many connections as it needs", async () => {
  const { port } = await listen({ trusted: ["127.0.0.0/8"] });
  const waiting = await Promise.all(Array.from({ length: 80 }, () => silentPeer(port)));
  expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
  expect(waiting.filter((socket) => socket.readableEnded || socket.destroyed)).toEqual([]);
});

test("without a password, a name from outside is refused behind a trusted proxy too", async () => {
  const { port } = await listen({ trusted: ["127.0.0.1"] });
  const status = async (headers: Record<string, string>) =>
    (await fetch(`http://127.0.0.1:${port}/health`, { headers })).status;
  expect(await status({ "x-forwarded-host": "desk.example" })).toBe(403);
  expect(await status({ "x-forwarded-host": "localhost" })).toBe(200);
  // A page whose name was made to point here: its browser comes from the proxy's own address, and says what the page wants.
  const rebound = get({
    port,
    host: "127.0.0.1",
    path: "/health",
    headers: { host: "evil.example", "x-forwarded-host": "localhost" },
  });
  const [response] = (await once(rebound, "response")) as [IncomingMessage];
  response.resume();
  expect(response.statusCode).toBe(403);
});
