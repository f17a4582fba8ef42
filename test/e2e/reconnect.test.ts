// Story: the agent dies hard under its supervisor. The client says so, dims the last picture, and is back by itself; what
// ran on the desktop runs on.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { REASONS } from "@eglantine/protocol/reasons";
import { PNG } from "pngjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HeadlessBrowser } from "../harness/browser.ts";
import { DesktopPage } from "../harness/desktop-page.ts";
import { isAlive } from "../harness/processes.ts";
import { type Session, startSession } from "../harness/session.ts";
import { until } from "../harness/until.ts";

/** Counts lines it reads: its state is the number that the next line gets. */
const COUNTER = `xterm -geometry 110x40+0+0 -e bash -c 'n=0; : > "$HOME/ready"; while read -r line; do n=$((n+1)); echo "$n $line" >> "$HOME/lines"; done'`;
let session: Session;
let browser: HeadlessBrowser;
let viewer: DesktopPage;

beforeAll(async () => {
  session = await startSession({ desktop: COUNTER, env: { ENABLE_BASIC_AUTH: "false", SIZEW: "1000", SIZEH: "700" } });
  browser = await HeadlessBrowser.start();
  viewer = await DesktopPage.connect(browser, session.url);
  await until("the terminal", () => read("ready") !== undefined);
  await viewer.movePointer(200, 200);
});
afterAll(async () => {
  await browser?.close();
  await session?.close();
});

function agentPid(): number {
  const pid = session.servicePid("agent");
  if (pid === undefined) throw new Error("the agent is down");
  return pid;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(join(session.home, file), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function typeLine(text: string, expected: string): Promise<void> {
  await viewer.type(text);
  await viewer.page.keyboard.press("Enter");
  await until(expected, () => read("lines")?.split("\n").includes(expected) ?? false);
}

test("a client whose agent is killed says why, dims the picture, and goes on with the same program by itself", async () => {
  await typeLine("before", "1 before");
  const killed = agentPid();
  await viewer.page.keyboard.down("Shift");
  process.kill(killed, "SIGKILL");
  await viewer.waitForState("reconnecting");
  const notice = await viewer.byTestId("reconnecting").innerText();
  expect(notice).toContain(REASONS["connection-lost"].sentence);
  await viewer.page.keyboard.up("Shift");
  await viewer.waitForPicture();
  expect(agentPid()).not.toBe(killed);
  expect(isAlive(killed)).toBe(false);
  await until("the notice goes", async () => !(await viewer.byTestId("reconnecting").isVisible()));
  await viewer.movePointer(201, 201);
  await typeLine("after", "2 after");
});

test("the last picture stays on the page, dimmed, while the agent is away", async () => {
  const bright = await brightness(viewer);
  process.kill(agentPid(), "SIGKILL");
  await viewer.waitForState("reconnecting");
  const dimmed = await brightness(viewer);
  expect(dimmed).toBeLessThan(bright * 0.9);
  expect(dimmed).toBeGreaterThan(bright * 0.05);
  await viewer.waitForPicture();
  await until("bright again", async () => (await brightness(viewer)) > bright * 0.95);
});

/** Mean of the page's upper left quarter, where the terminal's white ground is, as the user sees it. */
async function brightness(of: DesktopPage): Promise<number> {
  const png = await of.page.screenshot({ clip: { x: 10, y: 60, width: 300, height: 200 } });
  const { data } = PNG.sync.read(png);
  let sum = 0;
  for (let index = 0; index < data.length; index += 4)
    sum += (data[index] ?? 0) + (data[index + 1] ?? 0) + (data[index + 2] ?? 0);
  return sum / ((data.length / 4) * 3);
}
