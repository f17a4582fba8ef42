// What npm `x11` can't read ends the connection and nothing else.

import { connect, createServer } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { createLog } from "../log.ts";
import { startXvnc } from "../testing/xvnc.ts";
import { XDesktop } from "./desktop.ts";
import { GuardedSocket } from "./guard.ts";

/** X11 over TCP on port 6000 + 16090 = 22090. */
const PROXY_DISPLAY = 16_090;
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

test("what a reader throws over the server's bytes ends the connection with words, and is thrown no further", async () => {
  const server = createServer((viewer) => viewer.write("bytes"));
  await new Promise<void>((resolve) => server.listen(6000 + PROXY_DISPLAY, "127.0.0.1", resolve));
  ends.push(() => new Promise((resolve) => server.close(() => resolve())));
  const why = await new Promise<string>((resolve) => {
    const socket = new GuardedSocket(`127.0.0.1:${PROXY_DISPLAY}`, resolve);
    socket.on("data", () => {
      throw new RangeError("index out of range");
    });
  });
  expect(why).toBe("what the X server sent was not understood: index out of range");
});

test("a server that stops in the middle of its greeting is given up, and the next connection stands", async () => {
  const server = await startXvnc(":66", "640x480");
  ends.push(() => server.close());
  let connections = 0;
  const proxy = createServer((viewer) => {
    connections += 1;
    viewer.on("error", () => viewer.destroy());
    if (connections === 1) {
      // A setup reply that says "success" and ends in the middle of its fixed part.
      viewer.once("data", () => viewer.write(Buffer.from([1, 0, 11, 0, 0, 0, 2, 0, 1, 2, 3, 4, 5, 6, 7, 8])));
      return;
    }
    const upstream = connect("/tmp/.X11-unix/X66");
    upstream.on("error", () => viewer.destroy());
    viewer.on("close", () => upstream.destroy());
    viewer.pipe(upstream).pipe(viewer);
  });
  await new Promise<void>((resolve) => proxy.listen(6000 + PROXY_DISPLAY, "127.0.0.1", resolve));
  ends.push(() => new Promise((resolve) => proxy.close(() => resolve())));
  const display = `127.0.0.1:${PROXY_DISPLAY}`;
  const desktop = new XDesktop({ display, xauthority: "/nonexistent", dpi: 96, log: createLog("silent") });
  ends.push(() => desktop.close());
  await desktop.start();
  expect(desktop.reachable).toBe(false);
  await vi.waitFor(() => expect(desktop.reachable).toBe(true), 5000);
  expect(connections).toBe(2);
});
