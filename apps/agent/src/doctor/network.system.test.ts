// The doctor's checks of the network against real ports and a real TURN server.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { runAgent } from "../testing/agent-process.ts";
import { startXvnc } from "../testing/xvnc.ts";
import { type Coturn, startCoturn } from "../transport/testing/coturn.ts";
import { type Examined, examine } from "./testing/examine.ts";

const LOOPBACK = "127.0.0.1";
const open: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of open.splice(0).reverse()) await end();
});

describe("ports", () => {
  test("one that is free passes", async () => {
    const { check } = await examine({ EGLANTINE_PORT: "0" }, "--only", "network");
    expect(check("port-tcp").verdict).toBe("pass");
    expect(check("port-udp").verdict).toBe("pass");
  });

  test("one that another program has fails", async () => {
    const [tcp, udp] = [createServer((socket) => socket.end("220 mail\r\n")), createSocket("udp4")];
    tcp.listen(0, LOOPBACK);
    await once(tcp, "listening");
    open.push(() => tcp.close());
    const { port } = tcp.address() as AddressInfo;
    udp.bind(port, LOOPBACK);
    await once(udp, "listening");
    open.push(() => udp.close());
    const { check, exitCode } = await examine({ EGLANTINE_PORT: String(port) }, "--only", "network");
    const seen = (protocol: string) => `${protocol} ${LOOPBACK}:${port} can't be bound (EADDRINUSE)`;
    expect(check("port-tcp")).toMatchObject({ verdict: "fail", seen: seen("TCP") });
    expect(check("port-udp")).toMatchObject({ verdict: "fail", seen: seen("UDP") });
    expect(check("port-tcp").fix).toMatch(/EGLANTINE_PORT/);
    expect(exitCode).toBe(1);
  });

  test("one that an agent has is as it should be", async () => {
    const xServer = await startXvnc("", "640x480");
    open.push(() => xServer.close());
    const agent = await runAgent(["serve", "--display", xServer.display, "--port", "0"], {
      HOME: tmpdir(),
      ENABLE_BASIC_AUTH: "false",
    });
    open.push(() => agent.close());
    const { check } = await examine({ EGLANTINE_PORT: String(agent.port) }, "--only", "network");
    expect(check("port-tcp")).toMatchObject({
      verdict: "pass",
      seen: `TCP ${LOOPBACK}:${agent.port} is an agent's that answers`,
    });
    expect(check("port-udp").verdict).toBe("pass");
  });
});

describe("a TURN server with a shared secret", () => {
  const SECRET = "shared-with-the-server";
  let coturn: Coturn;
  beforeAll(async () => {
    coturn = await startCoturn(LOOPBACK, ["--use-auth-secret", `--static-auth-secret=${SECRET}`]);
  });
  afterAll(() => coturn?.close());

  const turn = async (
    env: Readonly<Record<string, string>>,
  ): Promise<Examined & { readonly row: ReturnType<Examined["check"]> }> => {
    const examined = await examine(
      { TURN_HOST: LOOPBACK, TURN_PORT: String(coturn.port), EGLANTINE_PORT: "0", ...env },
      "--only",
      "network",
    );
    return { ...examined, row: examined.check("turn") };
  };

  test.each(["udp", "tcp"])("relays over %s for the right secret", async (protocol) => {
    const { row, exitCode, said } = await turn({ TURN_SHARED_SECRET: SECRET, TURN_PROTOCOL: protocol });
    expect(row).toMatchObject({ verdict: "pass" });
    expect(row.seen).toMatch(
      new RegExp(`^${LOOPBACK}:${coturn.port} over ${protocol.toUpperCase()}: relays at ${LOOPBACK}:\\d+$`),
    );
    expect(row.details).toHaveLength(2);
    expect(exitCode).toBe(0);
    expect(said).not.toContain(SECRET);
  });

  test("refuses a wrong secret, and the option is named", async () => {
    const { row, exitCode } = await turn({ TURN_SHARED_SECRET: "another secret" });
    expect(row).toMatchObject({ verdict: "fail", seen: expect.stringMatching(/refused \(401/) as string });
    expect(row.fix).toMatch(/^TURN_SHARED_SECRET/);
    expect(exitCode).toBe(1);
  });

  test("over TLS a certificate of its own fails, one of an authority that is known passes", async () => {
    const tls = { TURN_SHARED_SECRET: SECRET, TURN_TLS: "true", TURN_PORT: String(coturn.tlsPort) };
    const own = await turn(tls);
    expect(own.row).toMatchObject({ verdict: "fail", fix: expect.stringMatching(/certificate/) as string });
    expect(own.row.seen).toMatch(/relays at .*SELF_SIGNED/);
    const known = await turn({ ...tls, NODE_EXTRA_CA_CERTS: coturn.certificate });
    expect(known.row).toMatchObject({ verdict: "pass", seen: expect.stringMatching(/over TLS: relays at/) as string });
  });

  test("tells us the address that we come from, as a STUN server", async () => {
    const { check } = await examine(
      { EGLANTINE_STUN_SERVERS: `${LOOPBACK}:${coturn.port}`, EGLANTINE_PORT: "0" },
      "--only",
      "network",
    );
    expect(check("stun")).toMatchObject({
      verdict: "pass",
      seen: expect.stringMatching(/sees 127\.0\.0\.1:\d+$/) as string,
    });
  });

  test("where nobody listens is unreachable, and where something else does is said to be none", async () => {
    const nobody = await turn({ TURN_SHARED_SECRET: SECRET, TURN_PORT: "9" });
    expect(nobody.row).toMatchObject({
      verdict: "fail",
      fix: expect.stringMatching(/UDP port 9 must be open/) as string,
    });
    const web = createHttpServer((_, response) => response.end("hello"));
    web.listen(0, LOOPBACK);
    await once(web, "listening");
    open.push(() => web.close());
    const { port } = web.address() as AddressInfo;
    const other = await turn({ TURN_SHARED_SECRET: SECRET, TURN_PORT: String(port), TURN_PROTOCOL: "tcp" });
    expect(other.row).toMatchObject({ verdict: "fail" });
    expect(other.row.seen).toMatch(/no STUN or TURN server|closed the connection/);
  });
});

test("a TURN server's own user is let in with the right password alone", async () => {
  const coturn = await startCoturn(LOOPBACK, ["--lt-cred-mech", "--user=alice:pw1"]);
  open.push(() => coturn.close());
  const env = { TURN_HOST: LOOPBACK, TURN_PORT: String(coturn.port), TURN_USERNAME: "alice", EGLANTINE_PORT: "0" };
  const right = await examine({ ...env, TURN_PASSWORD: "pw1" }, "--only", "network");
  expect(right.check("turn").verdict).toBe("pass");
  const wrong = await examine({ ...env, TURN_PASSWORD: "pw2" }, "--only", "network");
  expect(wrong.check("turn")).toMatchObject({
    verdict: "fail",
    fix: expect.stringMatching(/^TURN_USERNAME and TURN_PASSWORD/) as string,
  });
  expect(wrong.said).not.toContain("pw2");
});
