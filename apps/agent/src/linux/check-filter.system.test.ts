import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { RFC5769_REQUEST, writeCheck } from "../transport/testing/stun-check.ts";
import { dropZeroTieBreakers } from "./check-filter.ts";

const CHECK = { username: "agent:viewer", password: "p", useCandidate: true };
const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

async function bound(type: "udp4" | "udp6"): Promise<Socket> {
  const socket = createSocket(type);
  open.push(socket);
  socket.bind(0, type === "udp4" ? "127.0.0.1" : "::");
  await once(socket, "listening");
  return socket;
}

/** What arrives of these, up to a datagram that always does. */
async function arrivals(to: Socket, messages: readonly Buffer[]): Promise<Buffer[]> {
  const from = await bound("udp4");
  const arrived: Buffer[] = [];
  const over = new Promise<void>((resolve) => {
    to.on("message", (data) => (data.toString() === "last" ? resolve() : arrived.push(data)));
  });
  for (const message of [...messages, Buffer.from("last")]) from.send(message, to.address().port, "127.0.0.1");
  await over;
  return arrived;
}

test.each(["udp4", "udp6"] as const)(
  "checks with the tie-breaker 0 stay out of a %s socket, and nothing else",
  async (type) => {
    const socket = await bound(type);
    expect(dropZeroTieBreakers(socket.address().port)).toBe(true);
    const zero = [false, true].map((controlled) => writeCheck({ ...CHECK, tieBreaker: 0n, controlled }));
    const oneInHalf = [1n, 1n << 32n].map((tieBreaker) => writeCheck({ ...CHECK, tieBreaker }));
    const media = Buffer.from([0x80, 96, 0, 1, ...Array.from({ length: 1000 }, () => 0)]);
    const short = [0, 1, 2, 12, 20, 21, 31].map((bytes) => Buffer.from(RFC5769_REQUEST.subarray(0, bytes)));
    const endless = Buffer.from(RFC5769_REQUEST);
    endless.writeUInt16BE(0xffff, 22);
    const flat = Buffer.from(RFC5769_REQUEST);
    flat.fill(0, 20);
    const honest = [RFC5769_REQUEST, ...oneInHalf, media, ...short, endless, flat];
    expect(await arrivals(socket, [...zero, ...honest])).toEqual(honest);
  },
);

test("a port that nobody has, and sockets beside it, are left alone", async () => {
  const [filtered, other] = [await bound("udp4"), await bound("udp4")];
  dropZeroTieBreakers(filtered.address().port);
  const zero = writeCheck({ ...CHECK, tieBreaker: 0n });
  expect(await arrivals(other, [zero])).toEqual([zero]);
  expect(dropZeroTieBreakers(1)).toBe(false);
});
