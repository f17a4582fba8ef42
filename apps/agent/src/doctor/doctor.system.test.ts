// `eglantine-agent doctor --json` on a real X server and against a real clock; the network is in `network.system.test.ts`.

import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { runAgent } from "../testing/agent-process.ts";
import { startXvnc, type XServer } from "../testing/xvnc.ts";
import { examine } from "./testing/examine.ts";

const LOOPBACK = "127.0.0.1";
let home: string;
let xServer: XServer;
const open: (() => unknown)[] = [];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "eglantine-doctor-home-"));
  xServer = await startXvnc("", "1280x720");
});
afterEach(async () => {
  for (const end of open.splice(0).reverse()) await end();
});
afterAll(async () => {
  await xServer?.close();
  rmSync(home, { recursive: true, force: true });
});

test("every check of a desktop has a row, and the exit code follows the verdict", async () => {
  const { report, exitCode, check } = await examine({
    HOME: home,
    DISPLAY: xServer.display,
    EGLANTINE_RFB_SOCKET: xServer.rfbSocket,
    EGLANTINE_PORT: "0",
  });
  expect(report.version).toBe(1);
  expect(report.agent).toMatch(/^eglantine-agent \d/);
  expect(report.checks.length).toBeGreaterThan(25);
  expect(new Set(report.checks.map(({ name }) => name)).size).toBe(report.checks.length);
  for (const { seen, means } of report.checks)
    expect(`${seen}|${means}`).not.toMatch(/undefined|NaN|\[object|\.\||\.$/);
  expect(
    report.checks.filter(({ verdict, fix }) => (verdict === "warn" || verdict === "fail") && fix === null),
  ).toEqual([]);
  expect(Object.values(report.counts).reduce((sum, count) => sum + count)).toBe(report.checks.length);
  expect(exitCode).toBe(report.verdict === "fail" ? 1 : 0);

  expect(check("x-server")).toMatchObject({
    verdict: "pass",
    seen: `${xServer.display}, 1280x720, with all extensions`,
  });
  expect(check("rfb-socket")).toMatchObject({ verdict: "pass", seen: "RFB 003.008" });
  expect(check("encoders").details).toContainEqual(expect.stringMatching(/^x264enc: opens/));
  expect(check("disk")).toMatchObject({ verdict: "pass" });
  expect(check("locale")).toMatchObject({ verdict: "pass", seen: "C.UTF-8" });
});

test.skipIf(["/dev/dri", "/dev/nvidia0", "/dev/dxg"].some((path) => existsSync(path)))(
  "a machine without a GPU is told the exact flags",
  async () => {
    const { check } = await examine({}, "--only", "graphics");
    expect(check("gpu-devices")).toMatchObject({
      verdict: "warn",
      fix: expect.stringMatching(/--gpus all|--device \/dev\/dri|driver/) as string,
    });
    expect(check("nvidia-driver")).toMatchObject({ verdict: "skip" });
  },
);

test("an X server that does not answer fails where it is named", async () => {
  const named = await examine({ DISPLAY: ":59999" }, "--only", "display");
  expect(named.check("x-server")).toMatchObject({ verdict: "fail", seen: expect.stringMatching(/^:59999/) as string });
  expect(named.exitCode).toBe(1);
});

test("a sound server that is not there fails with the system's words", async () => {
  const { check } = await examine({ PULSE_SERVER: "unix:/nonexistent/native" }, "--only", "sound");
  expect(check("sound-server")).toMatchObject({ verdict: "fail", means: "Viewers hear nothing" });
});

test("gamepads: the interposer shows a real program its folder", async () => {
  const { check } = await examine({ EGLANTINE_GAMEPAD: "interposer" }, "--only", "input");
  expect(check("gamepads")).toMatchObject({
    verdict: "pass",
    details: expect.arrayContaining(["for 64-bit programs: works"]) as string[],
  });
});

test("what is measured has its figures, with software's beside it", async () => {
  const { check } = await examine({ WEBRTC_ENCODER: "x264enc" }, "--only", "measured");
  const { seen, figures } = check("encoder-time");
  expect(seen).toMatch(/^x264enc \d+\.\d ms$/);
  expect(figures["encodeMs"]).toBeGreaterThan(0.1);
  expect(figures["softwareEncodeMs"]).toBe(figures["encodeMs"]);
});

test("the clock is compared with a server's", async () => {
  let offsetMs = 0;
  const server = createHttpServer((_, response) => {
    response.setHeader("Date", new Date(Date.now() + offsetMs).toUTCString());
    response.end();
  });
  server.listen(0, LOOPBACK);
  await once(server, "listening");
  open.push(() => server.close());
  const url = `http://${LOOPBACK}:${(server.address() as AddressInfo).port}/`;
  const right = await examine({ HOME: home }, "--only", "machine", "--clock", url);
  expect(right.check("clock").verdict).toBe("pass");
  offsetMs = 3600_000;
  const wrong = await examine({ HOME: home }, "--only", "machine", "--clock", url);
  expect(wrong.check("clock")).toMatchObject({
    verdict: "fail",
    seen: expect.stringMatching(/^3\d{3}\.\d s behind/) as string,
  });
  expect(wrong.exitCode).toBe(1);
});

test("a home that can't be written to fails", async () => {
  const { check } = await examine({ EGLANTINE_HOME: "/proc" }, "--only", "machine");
  expect(check("disk")).toMatchObject({
    verdict: "fail",
    seen: expect.stringMatching(/^home \(\/proc\) can't be written to/) as string,
  });
});

test("as text it says the same, and a wrong flag ends with 2", async () => {
  const text = await runAgent(["doctor", "--only", "machine"], { HOME: home, LANG: "C.UTF-8", TZ: "Europe/Berlyn" });
  const exitCode = await text.exitCode;
  expect(text.stdout).toMatch(/^MACHINE\n/);
  expect(text.stdout).toMatch(/\nWARN {2}Time zone\n {6}TZ is Europe\/Berlyn, which is not known here\./);
  expect(text.stdout).toMatch(/\n {6}→ TZ=Area\/City/);
  expect(text.stdout).toMatch(/\nVerdict: WARN \(/);
  expect(exitCode).toBe(0);
  for (const args of [
    ["doctor", "--only", "grafics"],
    ["doctor", "--colour"],
    ["serve", "--json"],
    ["doctor", "--clock", "example.org"],
  ]) {
    const wrong = await runAgent(args, { HOME: home });
    expect(await wrong.exitCode).toBe(2);
    expect(wrong.stderr).toMatch(/^eglantine-agent: /);
  }
});
