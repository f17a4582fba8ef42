// A viewer that may use nothing but a real coturn, over UDP, TCP and TLS: the picture arrives at real Chromium, and a message
// comes back.

import { networkInterfaces } from "node:os";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { readIceServers } from "./ice-servers.ts";
import type { EncodedPicture } from "./testing/chromium-viewer.ts";
import { type Connection, Connections } from "./testing/connections.ts";
import { type Coturn, startCoturn } from "./testing/coturn.ts";

const SECRET = "shared with the server";
/** An address that others could reach: an agent that listens on all of them names these, and not 127.0.0.1. */
const OUTER = Object.values(networkInterfaces())
  .flatMap((entries) => entries ?? [])
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;
const ADDRESS = OUTER ?? "127.0.0.1";
let turn: Coturn;
let connections: Connections;
let film: EncodedPicture[];

beforeAll(async () => {
  turn = await startCoturn(ADDRESS, ["--use-auth-secret", `--static-auth-secret=${SECRET}`]);
  connections = await Connections.start([`--ignore-certificate-errors-spki-list=${turn.certificatePin}`]);
  film = await connections.film(30, 4e6);
});
afterEach(() => connections.closeAll());
afterAll(async () => {
  await connections?.close();
  await turn?.close();
});

function connect(protocol: string, host: string): Promise<Connection> {
  const tls = protocol === "tls";
  const servers = readIceServers({
    stunServers: [],
    turnHost: ADDRESS,
    turnPort: tls ? turn.tlsPort : turn.port,
    turnProtocol: protocol === "tcp" ? "tcp" : "udp",
    turnTls: tls,
    turnSharedSecret: SECRET,
    turnUsername: undefined,
    turnPassword: undefined,
  });
  return connections.connect({
    options: { host, viewerAddress: ADDRESS, iceServers: servers.forAgent, turnOverTcp: servers.turnOverTcp },
    peer: { iceServers: servers.forViewer("test", Date.now() / 1000), iceTransportPolicy: "relay" },
  });
}

test.each([
  { protocol: "udp", host: ADDRESS },
  { protocol: "udp", host: "0.0.0.0" },
  { protocol: "tcp", host: ADDRESS },
  { protocol: "tcp", host: "0.0.0.0" },
  { protocol: "tls", host: ADDRESS },
  { protocol: "tls", host: "0.0.0.0" },
])("through TURN over $protocol alone, picture and keys pass, with the agent at $host", async ({ protocol, host }) => {
  const { viewer, sink, play } = await connect(protocol, host);
  await play(film);
  await viewer.untilStat("framesDecoded", film.length);
  await viewer.sendOn(0, [9, 8]);
  expect(await sink.until("message")).toMatchObject([{ channel: "input", data: [9, 8] }]);
  expect(await viewer.path()).toMatchObject({ relayProtocol: protocol });
});
