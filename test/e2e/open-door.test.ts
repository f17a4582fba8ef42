// Story: on my own machine I stream a display to myself, headless and without a password, and nobody else gets in.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { AGENT_MAIN } from "../harness/agent.ts";
import { untilAnswer } from "../harness/health.ts";
import { freePort } from "../harness/ports.ts";
import { Process } from "../harness/processes.ts";
import { Desktop } from "./desktop.ts";

let desktop: Desktop;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "eglantine-serve-"));
  desktop = await Desktop.open();
});
afterAll(async () => {
  await desktop?.close();
  rmSync(folder, { recursive: true, force: true });
});

const started: Process[] = [];
afterEach(async () => {
  for (const agent of started.splice(0)) await agent.close();
});

function serve(args: readonly string[], env: Readonly<Record<string, string>>): Process {
  const agent = new Process([process.execPath, AGENT_MAIN, "serve", "--display", desktop.display, ...args], {
    env: { EGLANTINE_RUN_DIR: join(folder, "run"), ...env },
  });
  started.push(agent);
  return agent;
}

test("without a password the page connects by itself and shows the desktop in an element that tools can find", async () => {
  const viewer = await desktop.connect();
  expect(await viewer.byTestId("desktop").evaluate((element) => element.tagName)).toBe("VIDEO");
  expect(await viewer.state()).toBe("connected");
  await viewer.close();
});

test("an open door is refused on an address that others can reach, with a sentence", async () => {
  const agent = serve(["--host", "0.0.0.0", "--port", String(await freePort())], { ENABLE_BASIC_AUTH: "false" });
  await expect(agent.line(/never printed/)).rejects.toThrow(/ended \([1-9]\d*\)[^]*ENABLE_BASIC_AUTH[^]*loopback/i);
  await agent.close();
});

test("/health answers only while a viewer may connect", async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/health`;
  await untilAnswer(url, "gone");
  const agent = serve(["--host", "127.0.0.1", "--port", String(port)], { ENABLE_BASIC_AUTH: "false" });
  await untilAnswer(url, 200, { server: agent });
  await agent.close();
  await untilAnswer(url, "gone");
});

test("without any password set, a random one is printed once and opens the door", async () => {
  const port = await freePort();
  const agent = serve(["--host", "127.0.0.1", "--port", String(port)], { ENABLE_BASIC_AUTH: "true" });
  const lines: string[] = [];
  agent.tap((line) => lines.push(line));
  await untilAnswer(`http://127.0.0.1:${port}/health`, 200, { server: agent });
  const printed = lines.filter((line) => /password/i.test(line));
  expect(printed).toHaveLength(1);
  await agent.close();
});
