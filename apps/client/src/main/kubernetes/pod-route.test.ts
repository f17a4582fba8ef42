// The way to a saved desktop of kind "pod": from the shell's route through the tests' API server to a real HTTP server that stands for the agent.

import { createServer, type Server } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RouteFailure } from "../desktops/types.ts";
import { LABEL } from "./plan.ts";
import { PodRoute } from "./pod-route.ts";
import { formOf, KubernetesBench, MANIFESTS } from "./testing/kubernetes-bench.ts";

const TARGET = { context: "test", namespace: "desks", name: "eglantine-desk" };
let bench: KubernetesBench;
let agent: Server;
let steps: string[];

beforeEach(async () => {
  bench = await KubernetesBench.start();
  steps = [];
  agent = createServer((request, response) => response.end(`agent at ${request.url}`));
  await new Promise<void>((resolve) => agent.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  agent.closeAllConnections();
  agent.close();
  await bench.close();
});

const route = (patienceMs = 60_000) =>
  new PodRoute({ clusters: bench.clusters, memory: bench.memory, manifests: MANIFESTS, patienceMs });
const open = (target = TARGET, { patienceMs = 60_000, signal = new AbortController().signal } = {}) =>
  route(patienceMs).open(target, ({ step }) => void steps.push(step), signal);
const leadTo = (pod: string) => {
  const { port } = agent.address() as { port: number };
  bench.server.forwarding.ports.set(`${pod} 8080`, port);
};
const create = async (more = {}) => (await bench.desktops()).create(formOf(more));
const podName = () => bench.cluster.podOf("eglantine-desk").metadata.name;
async function failure(promise: Promise<unknown>) {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof RouteFailure) return { reason: error.reason, parameters: error.parameters };
  throw error;
}

test("a desktop of one's own is reached on loopback, with the password that was made for it", async () => {
  await create();
  leadTo(podName());
  const way = await open();
  expect(way.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  expect(way.user).toBe("user");
  expect(way.password).toBe(await (await bench.desktops()).password("desks", "eglantine-desk"));
  expect(await (await fetch(`${way.url}health`)).text()).toBe("agent at /health");
  await way.close();
  await way.close();
  await expect(fetch(way.url)).rejects.toThrow();
});

test("a stopped one is started, and each stage is told", async () => {
  await create();
  await (await bench.desktops()).stop(TARGET);
  bench.cluster.isWilling = false;
  const opening = open();
  const until = async (step: string) => {
    while (!steps.includes(step)) await new Promise((resolve) => setImmediate(resolve));
  };
  await until("scheduling");
  const pod = bench.cluster.podOf("eglantine-desk");
  bench.cluster.schedule(pod);
  bench.cluster.pull(pod);
  await until("pulling");
  bench.cluster.run(pod);
  await until("starting");
  bench.cluster.ready(pod);
  await (await opening).close();
  expect(steps[0]).toBe("creating");
  expect(steps.at(-1)).toBe("ready");
});

test("what stays in the way is told as the failure", async () => {
  bench.cluster.isWilling = false;
  await create();
  bench.cluster.unschedulable(
    bench.cluster.podOf("eglantine-desk"),
    "0/2 nodes are available: 2 Insufficient nvidia.com/gpu.",
  );
  expect(await failure(open(TARGET, { patienceMs: 1 }))).toEqual({
    reason: "no-gpu",
    parameters: { nodes: "2", total: "2", resource: "nvidia.com/gpu" },
  });
});

test("broken off while it waits, nothing goes on", async () => {
  bench.cluster.isWilling = false;
  await create();
  const controller = new AbortController();
  const opening = open(TARGET, { signal: controller.signal });
  while (!steps.includes("scheduling")) await new Promise((resolve) => setImmediate(resolve));
  controller.abort(new Error("enough"));
  await expect(opening).rejects.toThrow("enough");
});

test("with an Ingress it is that one's address", async () => {
  await create({ ingressHost: "desk.example.org" });
  expect(await open()).toMatchObject({ url: "https://desk.example.org/", user: "user" });
});

const foreign = (replicas: number) => {
  const labels = { [LABEL.name]: "eglantine", "eglantine.desktop/user": "alice" };
  const env = [{ name: "EGLANTINE_BASE_PATH", value: "/alice" }];
  const ports = [{ name: "http", containerPort: 8080 }];
  const readinessProbe = { httpGet: { path: "/health", port: "http", scheme: "HTTPS" } };
  const containers = [{ name: "desktop", image: "eglantine:full", env, ports, readinessProbe }];
  bench.server.objects.create("apis/apps/v1 deployments", "desks", {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "eglantine-alice", labels },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  });
};
const ALICE = { ...TARGET, name: "eglantine-alice" };

test("somebody else's is reached too, where it says it is, and nothing of it is read or changed", async () => {
  foreign(1);
  const way = await open(ALICE);
  expect(way.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/alice\/$/);
  expect(way).not.toHaveProperty("password");
  await way.close();
  const asked = bench.server.requests.map(({ method, path }) => `${method} ${path}`).join();
  expect(asked).not.toMatch(/secrets|POST|PATCH|DELETE/);
});

test("somebody else's that is stopped is not started", async () => {
  foreign(0);
  expect(await failure(open(ALICE))).toEqual({ reason: "stopped", parameters: { name: "eglantine-alice" } });
  expect(bench.server.requests.every(({ method }) => method === "GET")).toBe(true);
});

test("a Pod by its own name", async () => {
  await create();
  leadTo(podName());
  const way = await open({ ...TARGET, name: podName() });
  expect(await (await fetch(way.url)).text()).toBe("agent at /");
  await way.close();
});

test("one that is gone, and a context that is gone", async () => {
  expect(await failure(open())).toEqual({ reason: "gone", parameters: { name: "eglantine-desk" } });
  expect(await failure(open({ ...TARGET, context: "other" }))).toEqual({
    reason: "no-context",
    parameters: { context: "other" },
  });
});

test("a plug-in that was not confirmed is not run for a route either", async () => {
  bench.writeConfig({ exec: { command: "touch", args: [`${bench.folder}/ran`] } });
  expect(await failure(open())).toEqual({ reason: "plugin-unconfirmed", parameters: { command: "touch" } });
});
