// Story: my desktop is a Pod that nothing leads to but the API server's port-forward, and I see it and work in it all the same.

import { once } from "node:events";
import { connect } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { KubernetesBench } from "../../apps/client/src/main/kubernetes/testing/kubernetes-bench.ts";
import { startAgent } from "../harness/agent.ts";
import { DesktopPage } from "../harness/desktop-page.ts";
import { startXvnc, type XServer } from "../harness/processes-xvnc.ts";
import { ShellBench } from "../harness/shell-page.ts";
import { Terminal } from "../harness/terminal.ts";
import { until } from "../harness/until.ts";
import { type Colour, XScreen } from "../harness/x-screen.ts";

const GREEN: Colour = [40, 180, 60];
const RED: Colour = [200, 40, 40];
const WIDTH_PX = 1000;
const HEIGHT_PX = 700;

const ends: (() => unknown)[] = [];
let kube: KubernetesBench;
let page: Page;
let xServer: XServer;
let screen: XScreen;
let viewer: DesktopPage;
/** Of the agent, and of the Pod as the kubelet knows it. */
let agentPort: number;
let podPort: string;
/** Where the page's connections go. */
let forwarded = "";

/** Closed in reverse at the end. */
function closing<T extends { close(): unknown }>(part: T): T {
  ends.push(() => part.close());
  return part;
}

beforeAll(async () => {
  kube = closing(await KubernetesBench.start());
  const shell = closing(await ShellBench.start({ env: kube.environment }));
  xServer = closing(await startXvnc(WIDTH_PX, HEIGHT_PX));
  screen = closing(await XScreen.open(xServer.display));
  page = await shell.open("#/kubernetes");
  page.on("websocket", (socket) => {
    forwarded = socket.url();
  });
  await page.getByTestId("new-desktop").click();
  await page.getByTestId("create").click();
  await page.locator('[data-testid="desktop-eglantine-desk"][data-stage="ready"]').waitFor();
  const { data } = kube.server.objects.get("api/v1 secrets", "desks", "eglantine-desk") as {
    data?: { password?: string };
  };
  const agent = closing(
    await startAgent({
      display: xServer.display,
      env: {
        ENABLE_BASIC_AUTH: "true",
        PASSWD: Buffer.from(data?.password ?? "", "base64").toString(),
        // A Pod's UDP port is on this machine here, and out of reach in a cluster.
        EGLANTINE_PATHS: "socket",
        EGLANTINE_ALLOWED_ORIGINS: new URL(shell.channel.url).origin,
      },
    }),
  );
  agentPort = agent.port;
  podPort = `${kube.cluster.podOf("eglantine-desk").metadata.name} 8080`;
  kube.server.forwarding.ports.set(podPort, agentPort);
  // What the page still loads would be broken off with it, and be told as its failure.
  await page.waitForLoadState("networkidle");
  await page.getByTestId("desktop-eglantine-desk").getByRole("button", { name: "Open" }).click();
  await page.waitForSelector('html[data-state="connected"]', { state: "attached" });
  viewer = DesktopPage.around(page);
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

/** What only the forwarded connections can have brought. */
async function seesPainted(colour: Colour): Promise<void> {
  const window = await screen.openWindow(0, 0, WIDTH_PX, HEIGHT_PX, [60, 60, 60]);
  await window.paint(colour, 100, 100, 100, 100);
  await viewer.waitForPixel(150, 150, colour, 12);
  await window.close();
}

async function typesInto(terminal: Terminal, text: string): Promise<void> {
  const before = terminal.text();
  await viewer.movePointer(301, 301);
  await viewer.movePointer(300, 300);
  await until("the pointer over the terminal", async () => (await screen.pointer()).xPx === 300);
  await viewer.type(text);
  await until("the text", () => terminal.text() === before + text).catch(() =>
    expect(terminal.text()).toBe(before + text),
  );
}

test("the picture comes through the forwarded port, in its colours", async () => {
  await viewer.waitForPath("socket");
  await seesPainted(GREEN);
  expect(kube.server.forwarding.count).toBeGreaterThan(0);
});

test("and what I type goes back", async () => {
  const terminal = await Terminal.start({ display: xServer.display, mode: "bytes" });
  await typesInto(terminal, "Through the API server: 0123456789!");
  await terminal.close();
});

test("a forward that breaks off is taken up again where it was, with what has changed meanwhile", async () => {
  const terminal = await Terminal.start({ display: xServer.display, mode: "bytes" });
  await typesInto(terminal, "before, ");
  // Nothing leads to the Pod for a while: each try finds no way.
  kube.server.forwarding.ports.delete(podPort);
  kube.server.forwarding.cut();
  await viewer.waitForState("reconnecting");
  const tries = kube.server.forwarding.joined;
  await until("tries without success", () => kube.server.forwarding.joined >= tries + 2);
  const window = await screen.openWindow(0, 0, WIDTH_PX, HEIGHT_PX, RED);
  kube.server.forwarding.ports.set(podPort, agentPort);
  await viewer.waitForState("connected");
  await viewer.waitForPixel(500, 350, RED, 12);
  await window.close();
  await typesInto(terminal, "after");
  expect(terminal.text()).toBe("before, after");
  await terminal.close();
});

test("closed, the forwarded port is gone with the window", async () => {
  const { hostname, port } = new URL(forwarded);
  expect(hostname).toBe("127.0.0.1");
  expect(Number(port)).not.toBe(agentPort);
  expect(await isOpen(Number(port))).toBe(true);
  await page.context().close();
  await until("no port", async () => !(await isOpen(Number(port))));
  await until("no connection to the Pod", () => kube.server.forwarding.count === 0);
});

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
