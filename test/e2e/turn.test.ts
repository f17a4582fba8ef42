// Story: no direct UDP gets through between me and the desktop, and my operator has a TURN server. The client may use nothing else
// here. A server that does not take me in is named, with its reason.

import { createHmac } from "node:crypto";
import type { WebSocketRoute } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Coturn, startCoturn } from "../../apps/agent/src/transport/testing/coturn.ts";
import { type RunningAgent, startAgent } from "../harness/agent.ts";
import { DesktopPage } from "../harness/desktop-page.ts";
import { Terminal } from "../harness/terminal.ts";
import { until } from "../harness/until.ts";
import { Desktop } from "./desktop.ts";

const SECRET = "shared with the server";
const HOST = "127.0.0.1";
let turn: Coturn;
/** With a certificate that this browser has no reason to accept. */
let strange: Coturn;
let desktop: Desktop;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  const credentials = ["--use-auth-secret", `--static-auth-secret=${SECRET}`];
  turn = await startCoturn(HOST, credentials);
  strange = await startCoturn(HOST, credentials);
  desktop = await Desktop.open({ browserFlags: [`--ignore-certificate-errors-spki-list=${turn.certificatePin}`] });
});
afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.close();
});
afterAll(async () => {
  await desktop?.close();
  await turn?.close();
  await strange?.close();
});

/** An agent whose viewers get their picture over WebRTC or not at all. */
async function agentWith(env: Readonly<Record<string, string>>): Promise<RunningAgent> {
  const always = { EGLANTINE_PATHS: "webrtc", TURN_HOST: HOST, TURN_SHARED_SECRET: SECRET };
  const agent = await startAgent({ display: desktop.display, env: { ...always, ...env } });
  open.push(agent);
  return agent;
}

/** What the page says in the end: the stage that finds a path takes its 20 s. */
async function endOf(viewer: DesktopPage): Promise<string> {
  await until("the end", async () => (await viewer.state()) === "ended", { limitMs: 40_000 });
  return viewer.ending();
}

async function visit(agent: RunningAgent, onWebSocket?: (route: WebSocketRoute) => void): Promise<DesktopPage> {
  const options = { query: { relay: "true" }, ...(onWebSocket === undefined ? {} : { onWebSocket }) };
  const viewer = await DesktopPage.open(desktop.browser, `${agent.url}/`, options);
  open.push(viewer);
  return viewer;
}

test.each(["udp", "tcp", "tls"])(
  "through TURN over %s alone the picture comes, and what is typed arrives",
  async (protocol) => {
    const agent = await agentWith({
      TURN_PORT: String(protocol === "tls" ? turn.tlsPort : turn.port),
      TURN_PROTOCOL: protocol === "udp" ? "udp" : "tcp",
      TURN_TLS: String(protocol === "tls"),
    });
    const viewer = await visit(agent);
    await viewer.waitForPicture();
    const window = await desktop.screen.openWindow(0, 0, 1000, 700, [30, 140, 80]);
    await viewer.waitForPixel(500, 350, [30, 140, 80]);
    await window.close();
    const terminal = await Terminal.start({ display: desktop.display, mode: "bytes" });
    open.push(terminal);
    await viewer.movePointer(300, 300);
    await until("the pointer over the terminal", async () => (await desktop.screen.pointer()).xPx === 300);
    await viewer.type("through the relay");
    await until("the text", () => terminal.text() === "through the relay");
    const { localCandidateId } = await viewer.stats("candidate-pair");
    expect((await viewer.stats("local-candidate"))["relayProtocol"], String(localCandidateId)).toBe(protocol);
  },
);

test("a TURN server with another secret is named as the reason", async () => {
  const agent = await agentWith({ TURN_PORT: String(turn.port), TURN_SHARED_SECRET: "another one" });
  expect(await endOf(await visit(agent))).toMatch(/no path for the picture.* TURN server \S+ refused .*\(401\)/s);
});

/** Puts credentials into the agent's hello that ended a minute ago; `renew` tells the viewer those of the hello in the agent's name. */
function withLateCredentials(onRoute: (renew: () => void) => void = () => undefined) {
  return (route: WebSocketRoute) => {
    const username = `${Math.floor(Date.now() / 1000) - 60}:late`;
    const credential = createHmac("sha1", SECRET).update(username).digest("base64");
    route.connectToServer().onMessage((message) => {
      const isHello = typeof message === "string" && message.includes('"type":"hello"');
      if (!isHello) {
        route.send(message);
        return;
      }
      const hello = JSON.parse(message) as { iceServers: object[] };
      onRoute(() => route.send(JSON.stringify({ type: "iceServers", iceServers: hello.iceServers })));
      const iceServers = hello.iceServers.map((one) => ({ ...one, username, credential }));
      route.send(JSON.stringify({ ...hello, iceServers }));
    });
  };
}

test("credentials that are out of date are named as the reason", async () => {
  const agent = await agentWith({ TURN_PORT: String(turn.port) });
  expect(await endOf(await visit(agent, withLateCredentials()))).toMatch(/ refused .* out of date \(401\)/);
});

test("when they are out of date in a long session, the agent's newer ones bring the relay back", {
  timeout: 130_000,
}, async () => {
  const agent = await agentWith({ TURN_PORT: String(turn.port), EGLANTINE_PATHS: "webrtc,socket" });
  let renew = () => undefined as void;
  const viewer = await visit(
    agent,
    withLateCredentials((its) => {
      renew = its;
    }),
  );
  const path = () => viewer.byTestId("surface").getAttribute("data-path");
  await until("the picture over the socket", async () => (await path()) === "socket");
  renew();
  // The first peer may try for half a minute; others follow after 2 s, 4 s and so on.
  await until("the picture over the relay", async () => (await path()) === "webrtc", { limitMs: 100_000 });
  expect((await viewer.stats("local-candidate"))["relayProtocol"]).toBe("udp");
});

test("a TURN server with a certificate that the browser does not accept is named as the reason", async () => {
  const agent = await agentWith({ TURN_PORT: String(strange.tlsPort), TURN_TLS: "true" });
  expect(await endOf(await visit(agent))).toMatch(/TURN server turns:\S+ can't be reached.* certificate \(701\)/);
});

test("contradictory options end the agent with a sentence and without their secrets", async () => {
  const both = agentWith({ TURN_USERNAME: "alice", TURN_PASSWORD: "pw1" });
  await expect(both).rejects.toThrow(/TURN_SHARED_SECRET and TURN_USERNAME .* give one of them/);
  await expect(both).rejects.not.toThrow(/pw1|shared with/);
});
