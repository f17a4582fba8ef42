// The relay alone, between a WebSocket and a Unix socket on which a test plays the X server.

import { mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttp, type Server as HttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLog } from "../log.ts";
import { RfbClient, u16 } from "../testing/rfb-client.ts";
import { Proxies } from "./proxies.ts";
import { VncProxy } from "./vnc-proxy.ts";

const HANDSHAKE = [...Buffer.from("RFB 003.008\n"), 1, 1];
/** A machine that is busy takes its time over tens of megabytes. */
const SLOW_MS = 30_000;
/** What kernel and library may hold on the way beside the relay's own share, bytes. */
const ON_THE_WAY_BYTES = 16 * 1024 * 1024;

let directory: string;
let xServer: Server;
let http: HttpServer;
let proxy: VncProxy;
let url: string;
const serverSide: Socket[] = [];
const clients: RfbClient[] = [];

async function listen(server: Server | HttpServer, where: string | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    if (where === undefined) server.listen(0, "127.0.0.1", resolve);
    else server.listen(where, resolve);
  });
}

async function start(pingMs?: number): Promise<void> {
  directory = mkdtempSync(join(tmpdir(), "eglantine-relay-"));
  const socketPath = join(directory, "rfb");
  xServer = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    serverSide.push(socket);
  });
  await listen(xServer, socketPath);
  proxy = new VncProxy({
    socketPath,
    mayResize: () => true,
    maxSize: { widthPx: 7680, heightPx: 4320 },
    clipboard: (viewOnly) => ({ in: !viewOnly, out: !viewOnly }),
    allowedOrigins: [],
    proxies: new Proxies([]),
    nowMs: () => performance.now(),
    log: createLog("silent"),
    ...(pingMs === undefined ? {} : { pingMs }),
  });
  http = createHttp();
  http.on("upgrade", (request, socket, head) => proxy.upgrade(request, socket, head));
  await listen(http, undefined);
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`;
}

/** A viewer and the X server's end of its connection. */
async function enter(options = {}): Promise<{ client: RfbClient; rfb: Socket }> {
  const at = serverSide.length;
  const client = new RfbClient(url, proxy.ticket(`session ${at}`, false), options);
  clients.push(client);
  await expect.poll(() => serverSide.length).toBe(at + 1);
  return { client, rfb: serverSide[at] };
}

beforeEach(() => start());
afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.terminate();
  await proxy.close();
  for (const socket of serverSide.splice(0)) socket.destroy();
  http.closeAllConnections();
  await Promise.all([xServer, http].map((server) => new Promise((resolve) => server.close(resolve))));
  rmSync(directory, { recursive: true, force: true });
});

test("bytes of the X server arrive as they were, however many", async () => {
  const { client, rfb } = await enter();
  const sent = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7) & 0xff));
  rfb.write(sent);
  expect((await client.take(sent.length)).equals(sent)).toBe(true);
});

test(
  "a viewer that does not read holds the X server back instead of filling the memory, and gets all of it later",
  async () => {
    const { client, rfb } = await enter();
    await expect.poll(() => client.socket.readyState).toBe(client.socket.OPEN);
    client.socket.pause();
    const piece = Buffer.alloc(256 * 1024, 7);
    let written = 0;
    while (written < 256 * 1024 * 1024) {
      written += piece.length;
      if (rfb.write(piece)) continue;
      const drained = await Promise.race([
        new Promise((resolve) => rfb.once("drain", () => resolve(true))),
        new Promise((resolve) => setTimeout(() => resolve(false), 500)),
      ]);
      if (drained === false) break;
    }
    expect(written).toBeLessThan(ON_THE_WAY_BYTES);
    client.socket.resume();
    await client.take(written);
  },
  SLOW_MS,
);

test(
  "an X server that does not read holds the viewer back instead of filling the memory, and gets all of it later",
  async () => {
    const { client, rfb } = await enter();
    rfb.pause();
    client.send(HANDSHAKE);
    const cutText = Buffer.alloc(8 + 60_000);
    cutText.set([6, 0, 0, 0, 0, 0, ...u16(60_000)]);
    let sent = HANDSHAKE.length;
    for (let round = 0; round < 600; round += 1) {
      client.socket.send(cutText);
      sent += cutText.length;
    }
    await expect.poll(() => rfb.readableLength).toBeGreaterThan(0);
    const stuck = async () => {
      const waiting = client.socket.bufferedAmount;
      await new Promise((resolve) => setTimeout(resolve, 200));
      return client.socket.bufferedAmount === waiting;
    };
    await vi.waitFor(async () => expect(await stuck()).toBe(true), { timeout: 15_000 });
    // What the relay has not taken waits in the viewer: nearly all of it.
    expect(client.socket.bufferedAmount).toBeGreaterThan(sent - ON_THE_WAY_BYTES);
    let got = 0;
    const all = new Promise<void>((resolve) => {
      rfb.on("data", (data) => {
        got += data.length;
        if (got === sent) resolve();
      });
    });
    rfb.resume();
    await all;
  },
  SLOW_MS,
);

test("an X server that closes ends the viewer's connection with a reason, counted", async () => {
  const { client, rfb } = await enter();
  rfb.end();
  expect(await client.closed).toEqual({ code: 1008, reason: "The X server closed noVNC." });
  expect(proxy.ends.get("server-closed")).toBe(1);
  expect(proxy.connections).toBe(0);
});

test("a viewer that leaves closes the X server's side", async () => {
  const { client, rfb } = await enter();
  const closed = new Promise((resolve) => rfb.once("close", resolve));
  rfb.resume();
  await client.close();
  await closed;
  await expect.poll(() => proxy.ends.get("viewer-left")).toBe(1);
});

test("a viewer that answers no ping is given up, one that does is kept", async () => {
  await proxy.close();
  http.removeAllListeners("upgrade");
  proxy = new VncProxy({
    socketPath: join(directory, "rfb"),
    mayResize: () => true,
    maxSize: { widthPx: 7680, heightPx: 4320 },
    clipboard: (viewOnly) => ({ in: !viewOnly, out: !viewOnly }),
    allowedOrigins: [],
    proxies: new Proxies([]),
    nowMs: () => performance.now(),
    log: createLog("silent"),
    pingMs: 60,
  });
  http.on("upgrade", (request, socket, head) => proxy.upgrade(request, socket, head));
  const { client: alive } = await enter();
  const { client: dead } = await enter({ autoPong: false });
  await dead.closed;
  expect(proxy.ends.get("silent")).toBe(1);
  expect(alive.socket.readyState).toBe(alive.socket.OPEN);
});

test("closing waits for every connection, also for one that never answers", async () => {
  const { client } = await enter();
  client.socket.pause();
  await proxy.close();
  expect(proxy.ends.get("session-over")).toBe(1);
});

test("who has no ticket is told so, few at a time and in one line a second for each reason, and one with a ticket comes in beside them", async () => {
  await proxy.close();
  http.removeAllListeners("upgrade");
  const log = createLog("silent");
  const warn = vi.spyOn(log, "warn");
  proxy = new VncProxy({
    socketPath: join(directory, "rfb"),
    mayResize: () => true,
    maxSize: { widthPx: 7680, heightPx: 4320 },
    clipboard: (viewOnly) => ({ in: !viewOnly, out: !viewOnly }),
    allowedOrigins: [],
    proxies: new Proxies([]),
    nowMs: () => 0,
    log,
  });
  http.on("upgrade", (request, socket, head) => proxy.upgrade(request, socket, head));
  const strangers = Array.from({ length: 80 }, () => new RfbClient(url, "none"));
  clients.push(...strangers);
  for (const { socket } of strangers) socket.on("error", () => undefined);
  // Those that are told do not answer the bye at once.
  for (const { socket } of strangers) socket.on("open", () => socket.pause());
  await expect.poll(() => proxy.ends.get("ticket")).toBeGreaterThan(10);
  const { client } = await enter();
  expect(client.socket.readyState).not.toBe(client.socket.CLOSED);
  expect(proxy.ends.get("ticket")).toBeLessThan(80);
  await expect.poll(() => proxy.ends.get("ticket") + proxy.ends.get("crowded")).toBe(80);
  expect(warn.mock.calls.map(([facts]) => (facts as { reason: string }).reason)).toEqual(["ticket", "crowded"]);
});

test("the session hears when its RFB connection opens and when it is closed", async () => {
  const heard: boolean[] = [];
  const client = new RfbClient(
    url,
    proxy.ticket("one", false, (open) => heard.push(open)),
    {},
  );
  clients.push(client);
  await expect.poll(() => heard).toEqual([true]);
  await client.close();
  await expect.poll(() => heard).toEqual([true, false]);
});
