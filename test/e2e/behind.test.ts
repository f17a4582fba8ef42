// Story: the agent stands behind a reverse proxy that ends TLS and shows it below a path. nginx leaves the path as it is and speaks
// HTTP/1.1 alone; Caddy takes the path away and speaks HTTP/2 to browsers.

import { once } from "node:events";
import { get as httpsGet } from "node:https";
import { CONTROL_SUBPROTOCOL } from "@eglantine/protocol/channels";
import { parseAgentControl } from "@eglantine/protocol/control";
import { PROTOCOL_VERSION } from "@eglantine/protocol/version";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { DesktopPage, type DesktopPageOptions } from "../harness/desktop-page.ts";
import { certificateFolder, Proxy, type ProxyName } from "../harness/proxy.ts";
import { Terminal } from "../harness/terminal.ts";
import { until } from "../harness/until.ts";
import { Desktop } from "./desktop.ts";

const PATH = "/desk";
const PASSWORD = "behind a proxy";
/** Longer than the agent is ever silent, and shorter than the 30 s that operators often set. */
const IDLE_TIMEOUT_S = 20;
const WATCHED_MS = 24_000;
let desktop: Desktop;
const folder = certificateFolder();

beforeAll(async () => {
  desktop = await Desktop.open({
    env: {
      ENABLE_BASIC_AUTH: "true",
      BASIC_AUTH_PASSWORD: PASSWORD,
      EGLANTINE_BASE_PATH: PATH,
      EGLANTINE_TRUSTED_PROXIES: "127.0.0.1",
    },
    browserFlags: [`--ignore-certificate-errors-spki-list=${folder.certificate.pin}`],
  });
});
afterAll(async () => {
  await desktop?.close();
  folder.remove();
});

describe.each(["nginx", "caddy"] as const)("%s", (name: ProxyName) => {
  let proxy: Proxy;
  let page: string;
  let viewer: DesktopPage | undefined;

  beforeAll(async () => {
    const options = { agentPort: desktop.port, path: PATH, idleTimeoutS: IDLE_TIMEOUT_S };
    proxy = await Proxy.open(name, options, folder.certificate);
    page = `${proxy.origin}${PATH}/`;
  });
  afterAll(() => proxy?.close());
  afterEach(async () => {
    await viewer?.close();
    viewer = undefined;
  });

  const connect = async (address = page, options: DesktopPageOptions = {}): Promise<DesktopPage> => {
    viewer = await DesktopPage.connect(desktop.browser, address, { user: "user", password: PASSWORD, ...options });
    return viewer;
  };

  /** A control connection from another address of this machine, through the proxy, that has said hello. */
  async function visit(from: string, password: string, headers: Readonly<Record<string, string>> = {}) {
    const socket = new WebSocket(`${page.replace("https", "wss")}ws`, CONTROL_SUBPROTOCOL, {
      headers,
      localAddress: from,
      rejectUnauthorized: false,
    });
    await once(socket, "open");
    socket.send(JSON.stringify({ type: "hello", version: PROTOCOL_VERSION, client: "test", user: "user", password }));
    const [data] = (await once(socket, "message")) as [Buffer];
    const message = parseAgentControl(data.toString());
    return { socket, answer: message.type === "bye" ? message.reason : message.type };
  }

  async function knock(
    from: string,
    password: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const { socket, answer } = await visit(from, password, headers);
    socket.terminate();
    return answer;
  }

  async function expectPictureAndKeys(seen: DesktopPage): Promise<void> {
    const window = await desktop.screen.openWindow(0, 0, 1000, 700, [30, 140, 80]);
    await seen.waitForPixel(500, 350, [30, 140, 80]);
    await window.close();
    const terminal = await Terminal.start({ display: desktop.display, mode: "bytes" });
    try {
      await seen.movePointer(300, 300);
      await until("the pointer over the terminal", async () => (await desktop.screen.pointer()).xPx === 300);
      await seen.type("through the proxy");
      await until("the text", () => terminal.text() === "through the proxy");
    } finally {
      await terminal.close();
    }
  }

  test("the page loads below the path, the picture comes, and what is typed arrives", async () => {
    const seen = await connect();
    await expectPictureAndKeys(seen);
  });

  // WebRTC that may use TURN servers alone, and is given none, finds no way out.
  test("without any way for UDP all of it goes through the proxy", async () => {
    await expectPictureAndKeys(await connect(page, { path: "socket", query: { relay: "true" } }));
  });

  test("the path without its slash leads there too, with what follows it", async () => {
    const seen = await connect(`${proxy.origin}${PATH}?stats=true`);
    expect(new URL(seen.page.url()).pathname).toBe(`${PATH}/`);
  });

  test("health answers below the path", async () => {
    const status = await new Promise((resolve) => {
      httpsGet(`${page}health`, { rejectUnauthorized: false }, (response) => resolve(response.statusCode));
    });
    expect(status).toBe(200);
  });

  test("a viewer who guesses passwords is locked out, whatever it says of itself, and its neighbour is not", async () => {
    const [guesser, neighbour] = name === "nginx" ? ["127.0.0.2", "127.0.0.3"] : ["127.0.0.4", "127.0.0.5"];
    for (let guess = 0; guess < 5; guess += 1) {
      const spoofed = { "X-Forwarded-For": `203.0.113.${guess}` };
      expect(await knock(guesser, `guess ${guess}`, spoofed)).toBe("auth-failed");
    }
    expect(await knock(guesser, PASSWORD, { "X-Forwarded-For": "203.0.113.99" })).toBe("auth-locked");
    expect(await knock(neighbour, PASSWORD)).toBe("hello");
  });

  test("the agent's own page may connect; a foreign one, and one in clear under the same name, may not", async () => {
    const from = "127.0.0.6";
    expect(await knock(from, PASSWORD, { origin: proxy.origin })).toBe("hello");
    expect(await knock(from, PASSWORD, { origin: "https://evil.example" })).toBe("origin-refused");
    expect(await knock(from, PASSWORD, { origin: proxy.origin.replace("https", "http") })).toBe("origin-refused");
  });

  // Caddy has no such limit by itself.
  if (name === "nginx")
    test("a still desktop stays connected while the proxy cuts off what is silent", async () => {
      const seen = await connect();
      let sockets = 0;
      seen.page.on("websocket", () => sockets++);
      // The page hears figures every second; to this one the agent says nothing but its pings.
      const { socket: silent } = await visit("127.0.0.6", PASSWORD);
      const startMs = performance.now();
      const isOver = () => performance.now() - startMs > WATCHED_MS;
      await until("the time is over", isOver, { limitMs: 2 * WATCHED_MS, everyMs: 500 });
      expect(await seen.state()).toBe("connected");
      expect(sockets).toBe(0);
      expect(silent.readyState).toBe(silent.OPEN);
      silent.terminate();
    });

  test("when the proxy is started again, the client is back by itself", async () => {
    const seen = await connect();
    await proxy.stop();
    await seen.waitForState("reconnecting");
    await proxy.start();
    await seen.waitForPicture();
    const window = await desktop.screen.openWindow(0, 0, 1000, 700, [140, 30, 80]);
    await seen.waitForPixel(500, 350, [140, 30, 80]);
    await window.close();
  });
});
