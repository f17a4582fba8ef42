// kubernetes/idle/idle.mjs, run as its CronJob runs it, against an HTTPS server that answers the four questions as the API server's
// reference says, and that keeps the Deployments.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { makeCertificate } from "../test/harness/certificate.ts";
import { Process } from "../test/harness/processes.ts";
import { until } from "../test/harness/until.ts";
import { nextOf } from "./kubernetes/idle/idle.mjs";
import { readManifest } from "../apps/client/src/main/kubernetes/kustomize.ts";

const MINUTES = "eglantine.desktop/idle-minutes";
const SINCE = "eglantine.desktop/idle-since";
const STOPPED = "eglantine.desktop/stopped-at";
const NOW_MS = Date.parse("2026-01-01T12:00:00Z");
const FOLDER = fileURLToPath(new URL("kubernetes/idle", import.meta.url));
const TOKEN = "of the service account";

const next = (annotations: Record<string, string>, viewers: number | undefined, replicas = 1) =>
  nextOf({ annotations: { [MINUTES]: "60", ...annotations }, replicas }, viewers, NOW_MS);
const agoMinutes = (minutes: number) => new Date(NOW_MS - minutes * 60_000).toISOString();

test("nobody there: since when is noted, and after the hour it is stopped, not before", () => {
  expect(next({}, 0)).toEqual({ metadata: { annotations: { [SINCE]: "2026-01-01T12:00:00.000Z" } } });
  expect(next({ [SINCE]: agoMinutes(59) }, 0)).toBeUndefined();
  expect(next({ [SINCE]: agoMinutes(60) }, 0)).toEqual({
    metadata: { annotations: { [SINCE]: null, [STOPPED]: "2026-01-01T12:00:00.000Z" } },
    spec: { replicas: 0 },
  });
});

test("somebody there, or no answer: what was noted is forgotten", () => {
  const forget = { metadata: { annotations: { [SINCE]: null } } };
  for (const viewers of [1, 4, undefined]) {
    expect(next({ [SINCE]: agoMinutes(500) }, viewers)).toEqual(forget);
    expect(next({}, viewers)).toBeUndefined();
  }
});

test("one that is stopped, or is never to be, stays as it is", () => {
  expect(next({}, 0, 0)).toBeUndefined();
  for (const minutes of ["0", "", "never", "-1"]) expect(next({ [MINUTES]: minutes }, 0)).toBeUndefined();
});

test("a time that is none begins anew", () => {
  expect(next({ [SINCE]: "yesterday" }, 0)).toEqual({ metadata: { annotations: { [SINCE]: agoMinutes(0) } } });
});

interface Deployment {
  metadata: { name: string; resourceVersion: string; annotations?: Record<string, string | null> };
  spec: { replicas: number; template: { spec: { containers: object[] } } };
}

let folder: string;
let server: Server;
let deployments: Deployment[];
/** By Service; a status: that instead. */
let viewers: Record<string, number | { status: number }>;
let asked: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "egl-idle-"));
  const { certFile, keyFile } = makeCertificate(folder);
  mkdirSync(join(folder, "account"));
  writeFileSync(join(folder, "account/token"), TOKEN);
  writeFileSync(join(folder, "account/namespace"), "desks");
  server = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, (request, response) => {
    const send = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    const path = request.url ?? "";
    asked.push(`${request.method} ${path}`);
    const api = "/apis/apps/v1/namespaces/desks/deployments";
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return send(401, {});
    if (request.method === "GET" && path === `${api}?labelSelector=app.kubernetes.io%2Fname%3Deglantine`) {
      return send(200, { items: deployments });
    }
    const [, scheme, service = ""] =
      /^\/api\/v1\/namespaces\/desks\/services\/(https?):([a-z-]+):http\/proxy\/health$/.exec(path) ?? [];
    if (request.method === "GET" && scheme !== undefined) {
      const one = viewers[`${scheme}:${service}`];
      return typeof one === "number" ? send(200, { ok: true, viewers: one }) : send(one?.status ?? 503, {});
    }
    const own = deployments.find(({ metadata }) => path === `${api}/${metadata.name}`);
    if (request.method !== "PATCH" || own === undefined) return send(404, {});
    if (request.headers["content-type"] !== "application/merge-patch+json") return send(415, {});
    let text = "";
    request.on("data", (part: Buffer) => (text += String(part)));
    request.on("end", () => {
      const patch = JSON.parse(text) as Deployment;
      if (patch.metadata.resourceVersion !== own.metadata.resourceVersion) return send(409, {});
      Object.assign((own.metadata.annotations ??= {}), patch.metadata.annotations);
      Object.assign(own.spec, patch.spec);
      send(200, own);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
beforeEach(() => {
  deployments = [];
  viewers = {};
  asked = [];
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

function add(name: string, annotations?: Record<string, string>, probe: object = {}): Deployment {
  const containers = [{ readinessProbe: { httpGet: { path: "/health", port: "http", ...probe } } }];
  const deployment = {
    metadata: { name, resourceVersion: "7", ...(annotations === undefined ? {} : { annotations }) },
    spec: { replicas: 1, template: { spec: { containers } } },
  };
  deployments.push(deployment);
  return deployment;
}

/** To its end. */
async function run(): Promise<string> {
  const { port } = server.address() as AddressInfo;
  const job = new Process([process.execPath, join(FOLDER, "idle.mjs"), join(folder, "account")], {
    env: {
      KUBERNETES_SERVICE_HOST: "127.0.0.1",
      KUBERNETES_SERVICE_PORT: String(port),
      NODE_EXTRA_CA_CERTS: join(folder, "cert.pem"),
    },
  });
  await until("the job has ended", () => job.isOver);
  return job.log();
}

test("it stops the desktop that nobody watches, and no other one", async () => {
  const long = { [MINUTES]: "60", [SINCE]: new Date(Date.now() - 61 * 60_000).toISOString() };
  const idle = add("eglantine-alice", { ...long });
  const watched = add("eglantine-bob", { ...long });
  const away = add("eglantine-carol", { ...long });
  const fresh = add("eglantine-dora", { [MINUTES]: "60" }, { scheme: "HTTPS" });
  const lasting = add("eglantine-emil");
  viewers = {
    "http:eglantine-alice": 0,
    "http:eglantine-bob": 1,
    "http:eglantine-carol": { status: 503 },
    "https:eglantine-dora": 0,
    "http:eglantine-emil": 0,
  };
  const log = await run();
  expect(
    deployments.map(({ spec }) => spec.replicas),
    log,
  ).toEqual([0, 1, 1, 1, 1]);
  expect(idle.metadata.annotations).toMatchObject({ [SINCE]: null, [STOPPED]: expect.stringMatching(/^\d{4}-/) });
  for (const one of [watched, away]) expect(one.metadata.annotations?.[SINCE]).toBeNull();
  expect(Date.now() - Date.parse(fresh.metadata.annotations?.[SINCE] ?? "")).toBeLessThan(60_000);
  expect(lasting.metadata.annotations).toBeUndefined();
  expect(asked.filter((one) => one.includes("emil"))).toEqual([]);
});

test("a refusal of the list is its end, with the API server's words", async () => {
  writeFileSync(join(folder, "account/token"), "another");
  const log = await run();
  writeFileSync(join(folder, "account/token"), TOKEN);
  expect(log).toMatch(/refuses the list of Deployments: 401/);
});

test("its Role allows what it asks, and no more", async () => {
  add("eglantine-alice", { [MINUTES]: "60" });
  viewers = { "http:eglantine-alice": 0 };
  await run();
  const verbs = asked.map((one) => {
    if (one.startsWith("PATCH")) return "patch deployments";
    return one.includes("/proxy/") ? "get services/proxy" : "list deployments";
  });
  const role = readManifest(join(FOLDER, "idle.yaml")).find(({ kind }) => kind === "Role");
  const rules = (role?.["rules"] ?? []) as { resources: string[]; verbs: string[] }[];
  const allowed = rules.flatMap(({ resources, verbs }) =>
    verbs.flatMap((verb) => resources.map((resource) => `${verb} ${resource}`)),
  );
  expect([...new Set(verbs)].sort()).toEqual(allowed.sort());
});
