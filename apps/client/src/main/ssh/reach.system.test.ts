// The card of a desktop behind SSH against the system's own ssh and a real sshd: what it says, and what it leaves alone.

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { SshTarget } from "../../shared/address.ts";
import { SshReach } from "./reach.ts";
import { Sshd } from "./testing/sshd.ts";

const DESK: SshTarget = { kind: "ssh", destination: "desk", agent: "127.0.0.1:8080" };
const never = new AbortController().signal;
let sshd: Sshd;
let nowMs: number;
/** Of the server's start. */
let before: number;

beforeAll(async () => {
  sshd = await Sshd.start();
});
afterAll(() => sshd?.close());
beforeEach(async () => {
  nowMs = 0;
  await sshd.restart();
  await expect.poll(knocks).toBeGreaterThan(0);
  before = knocks();
});

const reach = (ssh = sshd.userSsh(), platform: NodeJS.Platform = "linux") =>
  new SshReach({ ssh, environment: process.env, platform, nowMs: () => nowMs });
const knocks = () => sshd.log.match(/^Connection from/gm)?.length ?? 0;
const connections = () => knocks() - before;

it("says that the machine is reached, and how fast, without a word to it", async () => {
  const { condition, latencyMs } = await reach().ask(DESK, never);
  expect(condition).toBe("reachable");
  expect(latencyMs).toBeGreaterThanOrEqual(0);
  expect(latencyMs).toBeLessThan(1000);
  await expect.poll(connections).toBe(1);
  expect(sshd.log).not.toMatch(/Accepted|Failed|banner|password/i);
});

it("does not knock again for three minutes, whoever looks", async () => {
  const asked = reach();
  const first = await asked.ask(DESK, never);
  nowMs = 179_999;
  expect(await asked.ask({ ...DESK, agent: "/run/agent.sock" }, never)).toBe(first);
  await expect.poll(connections).toBe(1);
  nowMs = 180_000;
  expect(await asked.ask(DESK, never)).not.toBe(first);
  await expect.poll(connections).toBe(2);
});

it("says that it is away where nobody listens or nobody has that name, and is asked again at once", async () => {
  const asked = reach();
  await sshd.stop();
  expect(await asked.ask(DESK, never)).toEqual({ condition: "away" });
  await sshd.restart();
  expect(await asked.ask(DESK, never)).toMatchObject({ condition: "reachable" });
  expect(await asked.ask({ ...DESK, destination: "no-such-host.invalid" }, never)).toEqual({ condition: "away" });
});

const proof = () => join(sshd.folder, "proof");

it.each([
  ["a jump host", () => ["Host desk", "  ProxyJump elsewhere"]],
  ["a proxy", () => ["Host desk", `  ProxyCommand touch ${proof()}`]],
  ["an address of its own here", () => ["Host desk", "  BindAddress 127.0.0.1"]],
  ["a program that decides", () => [`Match exec "touch ${proof()}"`, "  User other"]],
  ["a configuration that is broken", () => ["NoSuchOption yes"]],
])("can't say it behind %s, starts nothing and knocks nowhere", async (_what, lines) => {
  expect(await reach(sshd.userSsh(lines())).ask(DESK, never)).toEqual({ condition: "unknown" });
  expect([existsSync(proof()), connections()]).toEqual([false, 0]);
});

it("can't say it where there is no ssh, on Windows, or of what is no plain name", async () => {
  const unknown = { condition: "unknown" };
  expect(await reach("/nowhere/ssh").ask(DESK, never)).toEqual(unknown);
  expect(await reach(sshd.userSsh(), "win32").ask(DESK, never)).toEqual(unknown);
  const destination = `-oProxyCommand=touch ${proof()}`;
  expect(await reach().ask({ ...DESK, destination }, never)).toEqual(unknown);
  expect([existsSync(proof()), connections()]).toEqual([false, 0]);
});

it("is broken off by its caller, with the ssh that it has started", async () => {
  const script = join(sshd.folder, "slow");
  writeFileSync(
    script,
    `#!/bin/sh\ntrap 'touch "${proof()}"; exit 1' TERM\ntouch "${script}.begun"\nsleep 60 & wait\n`,
    {
      mode: 0o700,
    },
  );
  const breaking = new AbortController();
  const asking = reach(script).ask(DESK, breaking.signal);
  await expect.poll(() => existsSync(`${script}.begun`)).toBe(true);
  breaking.abort(new Error("the home is left"));
  await expect(asking).rejects.toThrow("the home is left");
  await expect.poll(() => existsSync(proof())).toBe(true);
});
