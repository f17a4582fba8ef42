// What the card of a desktop in a container says, from an engine's answers over a real socket; a real engine's are asked in `container-probe.system.test.ts`.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HealthProbe } from "../desktops/probe.ts";
import { containerCondition, probeContainer } from "./container-probe.ts";
import { containerFacts } from "./engine-answers.ts";
import { Engines } from "./engines.ts";

const never = new AbortController().signal;
const servers: Server[] = [];
let folder: string;
let engines: Engines;
let health: HealthProbe;
/** What the engine says of the container. */
let state: object;
let ports: object;
let asked: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "egl-card-"));
  const ssh = join(folder, "ssh");
  writeFileSync(ssh, `#!/bin/sh\ntouch '${join(folder, "started")}'\n`, { mode: 0o700 });
  engines = new Engines({ platform: "linux", env: {}, home: folder, uid: 0 }, [ssh]);
  health = new HealthProbe();
  state = { Running: true, Status: "running", ExitCode: 0 };
  ports = {};
  asked = [];
  const socket = join(folder, "engine.sock");
  await listen((request, response) => {
    asked.push(`${request.method} ${request.url?.replace(/\?$/, "")}`);
    if (request.url?.startsWith("/containers/desk/") !== true) {
      response.writeHead(404).end(JSON.stringify({ message: "No such container: other" }));
      return;
    }
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(inspected()));
  }, socket);
});
afterEach(() => {
  health.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true });
});

const inspected = () => ({
  Id: "1",
  Name: "/desk",
  Config: { Image: "eglantine", Env: ["EGLANTINE_BASE_PATH=lab"] },
  State: state,
  HostConfig: { PortBindings: ports },
});

async function listen(answer: RequestListener, path?: string): Promise<number> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path ?? { port: 0, host: "127.0.0.1" }, resolve));
  return path === undefined ? (server.address() as AddressInfo).port : 0;
}

const probe = (container = "desk", engine = `unix://${folder}/engine.sock`, signal = never) =>
  probeContainer({ kind: "container", engine, container }, { engines, health }, signal);

test.each([
  ["running", { Status: "running" }],
  ["running", { Status: "running", Health: { Status: "" } }],
  ["ready", { Status: "running", Health: { Status: "healthy" } }],
  ["starting", { Status: "running", Health: { Status: "starting" } }],
  ["failing", { Status: "running", Health: { Status: "unhealthy" } }],
  ["failing", { Status: "restarting" }],
  ["failing", { Status: "paused" }],
  ["failing", { Status: "dead" }],
  ["stopped", { Status: "created" }],
  ["stopped", { Status: "exited" }],
  ["stopped", { Status: "stopped" }],
  ["gone", { Status: "removing" }],
])("a container is %s as %j", (wanted, said) => {
  const State = { Running: said.Status === "running", ExitCode: 0, ...said };
  expect(containerCondition(containerFacts({ ...inspected(), State }))).toBe(wanted);
});

test("one without variables is told, too", async () => {
  const bare = { ...inspected(), Config: { Image: "little", Env: null } };
  expect(containerFacts({ ...bare, State: { Running: true, ExitCode: 0 } })).toMatchObject({
    env: {},
    status: "running",
  });
});

test("it is told by one question to the engine", async () => {
  expect(await probe()).toEqual({ condition: "running" });
  expect(asked).toEqual(["GET /containers/desk/json"]);
});

test("where its agent is reached, that says more: how fast, and how many are there", async () => {
  const said: string[] = [];
  const port = await listen((request, response) => {
    said.push(request.url ?? "");
    response.end(JSON.stringify({ ok: true, mayConnect: false, viewers: 2 }));
  });
  ports = { "8080/tcp": [{ HostIp: "0.0.0.0", HostPort: String(port) }] };
  expect(await probe()).toMatchObject({ condition: "full", viewers: 2, latencyMs: expect.any(Number) });
  expect(new Set(said)).toEqual(new Set(["/lab/health"]));
  // Nobody asks an agent of which the engine knows better.
  state = { Running: false, Status: "exited", ExitCode: 137 };
  said.length = 0;
  expect(await probe()).toEqual({ condition: "stopped" });
  expect(said).toEqual([]);
});

test("an agent that does not answer takes nothing from what the engine says", async () => {
  state = { Running: true, Status: "running", ExitCode: 0, Health: { Status: "healthy" } };
  ports = { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "9" }] };
  expect(await probe()).toEqual({ condition: "ready" });
});

test("a container that is gone and an engine that is away are told apart", async () => {
  expect(await probe("other")).toEqual({ condition: "gone" });
  expect(await probe("desk", `unix://${folder}/nobody.sock`)).toEqual({ condition: "engine-away" });
  expect(await probe("desk", "tcp://127.0.0.1:9")).toEqual({ condition: "engine-away" });
  expect(await probe("desk", "context:none")).toEqual({ condition: "unknown" });
});

test("an engine behind SSH is left alone: nothing is started", async () => {
  expect(await probe("desk", "ssh://desk.example")).toEqual({ condition: "unknown" });
  expect(existsSync(join(folder, "started"))).toBe(false);
});

test("a question is broken off with the home", async () => {
  const begun = Promise.withResolvers<void>();
  const silent = join(folder, "silent.sock");
  await listen(() => begun.resolve(), silent);
  const breaking = new AbortController();
  const asking = probe("desk", `unix://${silent}`, breaking.signal);
  await begun.promise;
  breaking.abort(new Error("the home is left"));
  await expect(asking).rejects.toThrow("the home is left");
});
