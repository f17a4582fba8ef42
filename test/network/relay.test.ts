// The relay itself, between two sockets of this process: what it delays, loses and cuts.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "../harness/ports.ts";
import { until } from "../harness/until.ts";
import { Relay } from "./relay.ts";

const AGENT = "127.0.0.2";
const ends: (() => void | Promise<void>)[] = [];
let relay: Relay;
let port: number;

beforeEach(async () => {
  port = await freePort();
  relay = await Relay.open({ port, agentAddress: AGENT, sourceAddress: "127.0.0.3" });
  ends.push(() => relay.close());
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function echo() {
  const agent = createSocket("udp4");
  agent.bind(port, AGENT);
  await once(agent, "listening");
  agent.on("message", (datagram, from) => agent.send(datagram, from.port, from.address));
  const viewer = createSocket("udp4");
  viewer.bind(0, "127.0.0.1");
  await once(viewer, "listening");
  const answers: { readonly text: string; readonly atMs: number }[] = [];
  viewer.on("message", (datagram) => answers.push({ text: datagram.toString(), atMs: performance.now() }));
  ends.push(
    () => void agent.close(),
    () => void viewer.close(),
  );
  return { answers, say: (text: string) => viewer.send(text, port, "127.0.0.1") };
}

test("datagrams come back through it, in order, later by the delay of both ways", async () => {
  const { answers, say } = await echo();
  Object.assign(relay.up, { delayMs: 20 });
  Object.assign(relay.down, { delayMs: 30, jitterMs: 20 });
  const startMs = performance.now();
  const sent = Array.from({ length: 20 }, (_, index) => `${index}`);
  for (const text of sent) say(text);
  await until("all answers", () => answers.length === sent.length);
  expect(answers.map(({ text }) => text)).toEqual(sent);
  expect((answers[0]?.atMs ?? 0) - startMs).toBeGreaterThanOrEqual(49);
});

test("what is lost stays lost, and nothing passes while UDP is cut", async () => {
  const { answers, say } = await echo();
  let count = 0;
  relay.down.loses = () => count++ % 2 === 0;
  for (let index = 0; index < 10; index += 1) say(`${index}`);
  await until("half of the answers", () => answers.length === 5);
  relay.udpCut = true;
  say("cut");
  await until("the cut", () => relay.lostDatagrams === 6);
  relay.udpCut = false;
  relay.down.loses = () => false;
  say("again");
  await until("the last answer", () => answers.at(-1)?.text === "again");
  expect(answers.map(({ text }) => text)).not.toContain("cut");
});

test("streams come through whole, whatever the delay", async () => {
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
  server.listen(port, AGENT);
  await once(server, "listening");
  ends.push(() => void server.close());
  Object.assign(relay.down, { delayMs: 10, jitterMs: 10 });
  const viewer = connect(port, "127.0.0.1");
  const sent = Buffer.alloc(3_000_000, "0123456789");
  const received: Buffer[] = [];
  viewer.on("data", (chunk: Buffer) => received.push(chunk));
  viewer.end(sent);
  await once(viewer, "end");
  expect(Buffer.concat(received).equals(sent)).toBe(true);
});

test("what is open when the path goes silent carries nothing more, and is told nothing; what is opened later works", async () => {
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
  server.listen(port, AGENT);
  await once(server, "listening");
  ends.push(() => void server.close());
  const open = (): { said: string[]; socket: Socket } => {
    const socket = connect(port, "127.0.0.1");
    const said: string[] = [];
    socket.on("data", (chunk: Buffer) => said.push(chunk.toString()));
    ends.push(() => void socket.destroy());
    return { said, socket };
  };
  const { answers, say } = await echo();
  say("before");
  const old = open();
  old.socket.write("before");
  await until("both answers", () => answers.length + old.said.length === 2);
  await relay.goSilent();
  say("lost");
  old.socket.write("lost");
  const next = open();
  next.socket.write("after");
  const other = createSocket("udp4");
  ends.push(() => void other.close());
  other.bind(0, "127.0.0.1");
  await once(other, "listening");
  const heard: string[] = [];
  other.on("message", (datagram) => heard.push(datagram.toString()));
  other.send("after", port, "127.0.0.1");
  await until("the later ones' answers", () => next.said.length + heard.length === 2);
  expect([answers.map(({ text }) => text), old.said]).toEqual([["before"], ["before"]]);
  expect(old.socket.destroyed || old.socket.readableEnded).toBe(false);
});
