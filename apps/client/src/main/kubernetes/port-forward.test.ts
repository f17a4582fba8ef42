// The forwarded port, over a real WebSocket to the tests' API server and from there to real TCP servers: bytes both ways, and what happens when
// something on the way is gone.

import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { KubernetesFailure } from "../../shared/kubernetes.ts";
import { LoopbackForward } from "./port-forward.ts";
import { KubernetesBench } from "./testing/kubernetes-bench.ts";

const MEGABYTE = 1_000_000;
let bench: KubernetesBench;
let pod: string;
let forward: LoopbackForward;
let servers: Server[];
const failures: KubernetesFailure[] = [];

beforeEach(async () => {
  bench = await KubernetesBench.start();
  servers = [];
  failures.length = 0;
  makePod("pod-1");
  const cluster = await bench.clusters.cluster("test");
  forward = await LoopbackForward.open({
    cluster,
    target: async () => ({ namespace: "desks", pod, port: 8080 }),
    failed: ({ failure }) => failures.push(failure),
  });
});
afterEach(async () => {
  await forward.close();
  for (const server of servers) server.close();
  await bench.close();
});

function makePod(name: string): void {
  pod = name;
  const spec = { containers: [{ name: "desktop", image: "eglantine:full" }] };
  bench.server.objects.create("api/v1 pods", "desks", { apiVersion: "v1", kind: "Pod", metadata: { name }, spec });
}

/** What listens in the Pod. */
async function listen(serve: (socket: Socket) => void): Promise<void> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    serve(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  bench.server.forwarding.ports.set(`${pod} 8080`, (server.address() as { port: number }).port);
}

async function dial(): Promise<Socket> {
  const socket = connect(forward.port, "127.0.0.1");
  await once(socket, "connect");
  socket.on("error", () => socket.destroy());
  return socket;
}

/** What comes back of it. */
async function said(text: string): Promise<string> {
  const socket = await dial();
  socket.write(text);
  const [piece] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  return piece.toString();
}

const sha = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

test("bytes go both ways, exactly, on several connections at once", async () => {
  await listen((socket) => socket.pipe(socket));
  const sent = [randomBytes(5 * MEGABYTE), randomBytes(3 * MEGABYTE)];
  const back = await Promise.all(
    sent.map(async (bytes) => {
      const socket = await dial();
      const pieces: Buffer[] = [];
      let length = 0;
      socket.write(bytes);
      for await (const piece of socket as AsyncIterable<Buffer>) {
        pieces.push(piece);
        length += piece.length;
        if (length === bytes.length) break;
      }
      return Buffer.concat(pieces);
    }),
  );
  expect(back.map(sha)).toEqual(sent.map(sha));
});

test("it listens on loopback alone", async () => {
  expect(forward.port).toBeGreaterThan(0);
  expect(JSON.stringify(Reflect.get(forward, "port"))).toBe(String(forward.port));
  const other = connect(forward.port, "127.0.0.2");
  const outcome = await Promise.race([
    once(other, "connect").then(() => "connected"),
    once(other, "error").then(() => "refused"),
  ]).catch(() => "refused");
  other.destroy();
  expect(outcome).toBe("refused");
});

test("a viewer that does not read holds the desktop back, while others go on", async () => {
  let sentBytes = 0;
  const block = Buffer.alloc(MEGABYTE);
  await listen((socket) => {
    socket.once("data", (first) => {
      if (first.toString() !== "pour") return void socket.end(first);
      const pour = () => {
        while (sentBytes < 1000 * MEGABYTE && socket.write(block)) sentBytes += block.length;
      };
      socket.on("drain", pour);
      pour();
    });
  });
  const slow = await dial();
  slow.pause();
  slow.write("pour");
  // Each of these takes the same way, so that what could be poured meanwhile was. It ends when nothing more is; what is on the way
  // stands in the buffers of several sockets (7 MB, seen).
  for (let before = -1; before !== sentBytes; ) {
    before = sentBytes;
    for (let count = 0; count < 30; count += 1) expect(await said("hello")).toBe("hello");
    expect(sentBytes).toBeLessThan(60 * MEGABYTE);
  }
  expect(sentBytes).toBeGreaterThan(0);
  slow.destroy();
});

test("a desktop that does not read holds the viewer back", async () => {
  const received = Promise.withResolvers<Socket>();
  await listen((socket) => {
    socket.once("data", (first) => {
      if (first.toString() === "hello") return void socket.end(first);
      socket.pause();
      received.resolve(socket);
    });
  });
  const viewer = await dial();
  let isHeld = false;
  const block = Buffer.alloc(MEGABYTE);
  const pour = () => {
    while (viewer.bytesWritten < 1000 * MEGABYTE && viewer.write(block));
    isHeld = true;
  };
  viewer.on("drain", pour);
  viewer.write("pour");
  await received.promise;
  pour();
  for (let count = 0; count < 150; count += 1) expect(await said("hello")).toBe("hello");
  expect(isHeld).toBe(true);
  expect(viewer.bytesWritten - viewer.writableLength).toBeLessThan(100 * MEGABYTE);
  viewer.destroy();
});

test("the desktop's end of a connection ends it here, and the viewer's there", async () => {
  const ended = Promise.withResolvers<void>();
  let isFirst = true;
  await listen((socket) => {
    if (isFirst) socket.once("data", () => socket.end("bye"));
    else {
      socket.resume();
      socket.on("close", () => ended.resolve());
    }
    isFirst = false;
  });
  const socket = await dial();
  socket.write("x");
  const [piece] = (await once(socket, "data")) as [Buffer];
  expect(piece.toString()).toBe("bye");
  await once(socket, "close");
  const other = await dial();
  other.write("x");
  other.end();
  await ended.promise;
});

test("where nobody listens in the Pod the connection ends, and works once somebody does", async () => {
  const socket = await dial();
  socket.resume();
  await once(socket, "close");
  await listen((peer) => peer.pipe(peer));
  expect(await said("hello")).toBe("hello");
});

test("an API server that goes away ends the connections; the next one works when it is back", async () => {
  await listen((socket) => socket.pipe(socket));
  const socket = await dial();
  socket.write("hello");
  await once(socket, "data");
  bench.server.forwarding.cut();
  await once(socket, "close");
  expect(await said("again")).toBe("again");
});

test("a Pod that was replaced is found for the next connection", async () => {
  await listen((socket) => socket.end("old"));
  expect(await said("x")).toBe("old");
  makePod("pod-2");
  await listen((socket) => socket.end("new"));
  expect(await said("x")).toBe("new");
});

test("without the right to forward ports the connection ends and says so", async () => {
  bench.server.deny("create pods/portforward");
  const socket = await dial();
  socket.resume();
  await once(socket, "close");
  expect(failures).toEqual([
    { reason: "forbidden", parameters: { user: "", verb: "create", resource: "pods/portforward", namespace: "desks" } },
  ]);
});

test("closed, every connection ends, and the port is free", async () => {
  await listen((socket) => socket.pipe(socket));
  const socket = await dial();
  socket.write("hello");
  await once(socket, "data");
  const { port } = forward;
  await forward.close();
  await forward.close();
  if (!socket.closed) await once(socket, "close");
  const [error] = (await once(connect(port, "127.0.0.1"), "error")) as [NodeJS.ErrnoException];
  expect(error.code).toBe("ECONNREFUSED");
});
