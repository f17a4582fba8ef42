// What npm `x11` can't read ends the connection and nothing else.

import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { testDesktop } from "../testing/x-desktop.ts";
import { startXvnc } from "../testing/xvnc.ts";
import { GuardedSocket } from "./guard.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Resolves to the display that this is, for X11 over TCP: its number is the port less 6000, and a free port is above that. */
async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => new Promise((resolve) => server.close(() => resolve())));
  return `127.0.0.1:${(server.address() as AddressInfo).port - 6000}`;
}

test("what a reader throws over the server's bytes ends the connection with words, and is thrown no further", async () => {
  const server = createServer((viewer) => viewer.write("bytes"));
  const display = await listen(server);
  const why = await new Promise<string>((resolve) => {
    const socket = new GuardedSocket(display, resolve);
    socket.on("data", () => {
      throw new RangeError("index out of range");
    });
  });
  expect(why).toBe("what the X server sent was not understood: index out of range");
});

test("a server that stops in the middle of its greeting is given up, and the next connection stands", async () => {
  const server = await startXvnc("", "640x480");
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
    const upstream = connect(`/tmp/.X11-unix/X${server.display.slice(1)}`);
    upstream.on("error", () => viewer.destroy());
    viewer.on("close", () => upstream.destroy());
    viewer.pipe(upstream).pipe(viewer);
  });
  const display = await listen(proxy);
  const desktop = testDesktop(display);
  ends.push(() => desktop.close());
  await desktop.start();
  expect(desktop.reachable).toBe(false);
  await expect.poll(() => desktop.reachable).toBe(true);
  expect(connections).toBe(2);
});
