import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { StunRelay } from "./stun-relay.ts";
import { RFC5769_REQUEST, writeCheck } from "./testing/stun-check.ts";

const PASSWORD = "the agent's";
const CHECK = { username: "agent:viewer", password: PASSWORD, useCandidate: true };
const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.close();
});

async function peer(address: string): Promise<Socket> {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  let closed = false;
  socket.once("close", () => (closed = true));
  open.push({ close: () => closed || socket.close() });
  socket.bind(0, address);
  await once(socket, "listening");
  return socket;
}

const next = async (socket: Socket): Promise<[Buffer, { address: string; port: number }]> =>
  (await once(socket, "message")) as never;

/** A relay between a TURN server's address and an agent's port, both played here. `outer`: where the server hears it. */
async function relayed(address = "127.0.0.1", agentAddress = address) {
  const [turn, agent] = [await peer(address), await peer(agentAddress)];
  const relay = await StunRelay.open({
    remote: turn.address(),
    agent: agent.address(),
    icePassword: PASSWORD,
  });
  open.push(relay);
  // The agent speaks first: that is how the other side learns where the relay is.
  agent.send("first", relay.endpoint.port, relay.endpoint.address);
  const [first, outer] = await next(turn);
  expect(first.toString()).toBe("first");
  const arrival = async (message: Buffer): Promise<Buffer> => {
    turn.send(message, outer.port, outer.address);
    return (await next(agent))[0];
  };
  return { turn, agent, relay, outer, arrival };
}

test.each([
  ["127.0.0.1", "127.0.0.1"],
  ["::1", "::1"],
  ["::1", "127.0.0.1"],
])("a check with the tie-breaker 0 from %s reaches the agent at %s with 1, sealed", async (address, agentAddress) => {
  const { arrival, relay } = await relayed(address, agentAddress);
  for (const controlled of [false, true]) {
    const arrived = await arrival(writeCheck({ ...CHECK, controlled, tieBreaker: 0n }));
    expect(arrived).toEqual(writeCheck({ ...CHECK, controlled, tieBreaker: 1n }));
  }
  expect(relay.counters().mended).toBe(2);
});

test("everything else passes as it is, both ways", async () => {
  const { arrival, turn, agent, relay } = await relayed();
  const role = writeCheck({ ...CHECK, tieBreaker: 7n });
  const media = Buffer.from([0x80, 96, 0, 1, ...Array.from({ length: 1196 }, (_, index) => index & 0xff)]);
  const brokenCheck = writeCheck({ ...CHECK, tieBreaker: 0n });
  brokenCheck.writeUInt16BE(0xfff0, 22);
  for (const message of [role, media, RFC5769_REQUEST, brokenCheck, Buffer.from([0]), Buffer.from([0, 1, 0, 0])]) {
    expect(await arrival(message)).toEqual(message);
    agent.send(message, relay.endpoint.port, relay.endpoint.address);
    expect((await next(turn))[0]).toEqual(message);
  }
  expect(relay.counters()).toMatchObject({ mended: 0, dropped: 0 });
});

test("nobody but the TURN server's address is heard", async () => {
  const { turn, agent, outer, relay } = await relayed();
  const stranger = await peer("127.0.0.1");
  stranger.send("strange", outer.port, outer.address);
  stranger.send("strange", relay.endpoint.port, relay.endpoint.address);
  turn.send("known", outer.port, outer.address);
  expect((await next(agent))[0].toString()).toBe("known");
});

test("a TURN server that is gone costs datagrams and nothing else", async () => {
  const { turn, agent, relay } = await relayed();
  const { port, address } = turn.address();
  await new Promise<void>((resolve) => turn.close(resolve));
  for (let count = 0; count < 5; count += 1) agent.send("x", relay.endpoint.port, relay.endpoint.address);
  await expect.poll(() => relay.counters().dropped).toBeGreaterThan(0);
  const back = createSocket("udp4").bind(port, address);
  open.push({ close: () => back.close() });
  await once(back, "listening");
  agent.send("again", relay.endpoint.port, relay.endpoint.address);
  await expect.poll(async () => (await next(back))[0].toString()).toBe("again");
});

test("it closes once, and an address that the system can't reach is refused", async () => {
  const { relay, agent } = await relayed();
  await Promise.all([relay.close(), relay.close()]);
  const nowhere = { address: "255.255.255.255", port: 9 };
  await expect(StunRelay.open({ remote: nowhere, agent: agent.address(), icePassword: "" })).rejects.toThrow();
});
