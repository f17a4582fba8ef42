// Story: my desktop's machine shows nothing to the network but SSH, and the desktop is there all the same.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { OpenRoute } from "../../apps/client/src/main/desktops/types.ts";
import { sshRoute } from "../../apps/client/src/main/ssh/ssh-route.ts";
import { ASKPASS, Sshd } from "../../apps/client/src/main/ssh/testing/sshd.ts";
import { AGENT_MAIN } from "../harness/agent.ts";
import { HeadlessBrowser } from "../harness/browser.ts";
import { DesktopPage } from "../harness/desktop-page.ts";
import { Process } from "../harness/processes.ts";
import { startXvnc, type XServer } from "../harness/processes-xvnc.ts";
import { until } from "../harness/until.ts";
import { XScreen } from "../harness/x-screen.ts";

const ends: (() => unknown)[] = [];
let folder: string;
let sshd: Sshd;
let xServer: XServer;
let screen: XScreen;
let browser: HeadlessBrowser;
let route: OpenRoute;
let viewer: DesktopPage;

/** Closed in reverse at the end. */
function closing<T extends { close(): unknown }>(part: T): T {
  ends.push(() => part.close());
  return part;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "eglantine-by-ssh-"));
  ends.push(() => rmSync(folder, { recursive: true }));
  sshd = closing(await Sshd.start());
  sshd.trust("desk");
  xServer = closing(await startXvnc(640, 480));
  screen = closing(await XScreen.open(xServer.display));
  const socket = join(folder, "agent.sock");
  const argv = [process.execPath, AGENT_MAIN, "serve", "--display", xServer.display, "--listen", `unix:${socket}`];
  const env = { ENABLE_BASIC_AUTH: "false", XDG_RUNTIME_DIR: folder };
  const agent = closing(new Process(argv, { env }));
  await agent.line(/agent started/, 60_000);
  const opened = sshRoute({
    ssh: sshd.userSsh(),
    environment: process.env,
    platform: process.platform,
    temporary: join(folder, "tunnels"),
    askpassProgram: ASKPASS,
    ask: ({ kind }) => Promise.reject(new Error(`unexpected: ${kind}`)),
  }).open({ kind: "ssh", destination: "desk", agent: socket }, () => undefined, new AbortController().signal);
  route = closing(await opened);
  browser = closing(await HeadlessBrowser.start());
  viewer = await DesktopPage.connect(browser, route.url, { path: "socket" });
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

test("the picture comes through the tunnel, in its colours", async () => {
  const window = await screen.openWindow(0, 0, 640, 480, [60, 60, 60]);
  await window.paint([40, 180, 60], 100, 100, 100, 100);
  await viewer.waitForPixel(150, 150, [40, 180, 60], 12);
});

test("and what I do goes back", async () => {
  await viewer.movePointer(321, 123);
  await until("the pointer", async () => {
    const { xPx, yPx } = await screen.pointer();
    return xPx === 321 && yPx === 123;
  });
});

test("a connection that was lost comes back by itself", async () => {
  await sshd.restart();
  await until(
    "the pointer follows again",
    async () => {
      await viewer.movePointer(222, 111);
      await viewer.movePointer(223, 112);
      return (await screen.pointer()).xPx === 223;
    },
    { limitMs: 45_000, everyMs: 250 },
  );
});

test("nothing is left when the desktop is closed", async () => {
  await route.close();
  expect(readdirSync(join(folder, "tunnels"))).toEqual([]);
  await expect(fetch(route.url)).rejects.toThrow();
});
