// What the card of a desktop in a cluster says, from the tests' API server, and what it is asked for that.

import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readPod } from "./objects.ts";
import { PodProbe, podCondition } from "./pod-probe.ts";
import { TOKEN } from "./testing/api-server.ts";
import { formOf, KubernetesBench } from "./testing/kubernetes-bench.ts";

const DESK = { kind: "pod", context: "test", namespace: "desks", name: "eglantine-desk" } as const;
const DEPLOYMENTS = "apis/apps/v1 deployments";
const never = new AbortController().signal;
let bench: KubernetesBench;
let probe: PodProbe;

beforeEach(async () => {
  bench = await KubernetesBench.start();
  probe = new PodProbe(bench.clusters);
});
afterEach(() => bench.close());

const condition = async (target: { context: string; namespace: string; name: string } = DESK) =>
  (await probe.ask(target, never)).condition;
const create = async () => (await bench.desktops()).create(formOf());
const pod = () => bench.cluster.podOf(DESK.name);

test("one that is ready is told by one question, which changes nothing", async () => {
  await create();
  bench.server.requests.length = 0;
  expect(await condition()).toBe("ready");
  expect(bench.server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    "GET /apis/apps/v1/namespaces/desks/deployments/eglantine-desk",
  ]);
});

test("one is followed from its first moment to its end", async () => {
  bench.cluster.isWilling = false;
  expect(await condition()).toBe("gone");
  await create();
  expect(await condition()).toBe("starting");
  bench.cluster.schedule(pod());
  bench.cluster.run(pod());
  expect(await condition()).toBe("starting");
  bench.cluster.ready(pod());
  expect(await condition()).toBe("ready");
  await (await bench.desktops()).stop(DESK);
  expect(await condition()).toBe("stopped");
  await (await bench.desktops()).remove(DESK, { home: true });
  expect(await condition()).toBe("gone");
});

test.each([
  ["no Pod may be made for it", { type: "ReplicaFailure", status: "True", reason: "FailedCreate" }],
  ["it takes too long", { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" }],
])("one has a problem where %s", async (_what, one) => {
  bench.cluster.isWilling = false;
  await create();
  bench.server.objects.patch(DEPLOYMENTS, "desks", DESK.name, { status: { conditions: [one] } });
  expect(await condition()).toBe("failing");
});

test("a Pod by itself is told by one question too, once it is known as one", async () => {
  await create();
  const target = { ...DESK, name: pod().metadata.name };
  expect(await condition(target)).toBe("ready");
  bench.server.requests.length = 0;
  expect(await condition(target)).toBe("ready");
  expect(bench.server.requests.map(({ path }) => path)).toEqual([`/api/v1/namespaces/desks/pods/${target.name}`]);
});

const waiting = (reason: string) => ({ containerStatuses: [{ state: { waiting: { reason } } }] });
test.each([
  ["starting", { phase: "Pending", ...waiting("ContainerCreating") }],
  ["failing", { phase: "Pending", ...waiting("ImagePullBackOff") }],
  ["failing", { phase: "Pending", ...waiting("ErrImagePull") }],
  ["failing", { phase: "Pending", ...waiting("CreateContainerConfigError") }],
  ["failing", { phase: "Running", ...waiting("CrashLoopBackOff") }],
  ["starting", { phase: "Running", conditions: [{ type: "Ready", status: "False" }] }],
  ["ready", { phase: "Running", conditions: [{ type: "Ready", status: "True" }] }],
  ["failing", { phase: "Failed", reason: "Evicted" }],
  ["stopped", { phase: "Succeeded" }],
])("a Pod is %s as %j", (wanted, status) => {
  expect(podCondition(readPod({ metadata: { name: "p" }, status }))).toBe(wanted);
});

test("a cluster that does not answer, or as no API server does, is told as such", async () => {
  await create();
  bench.server.broken = { code: 503, text: "<h1>no healthy upstream</h1>" };
  expect(await condition()).toBe("cluster-away");
  bench.server.broken = undefined;
  expect(await condition()).toBe("ready");
  await bench.server.close();
  expect(await condition()).toBe("cluster-away");
});

test("what only opening it can tell is left to that", async () => {
  await create();
  expect(await condition({ ...DESK, context: "other" })).toBe("unknown");
  bench.server.deny("get deployments");
  expect(await condition()).toBe("unknown");
  bench.server.token = "another";
  expect(await condition()).toBe("unknown");
});

test("a question is broken off with the home, and nothing is said", async () => {
  const breaking = new AbortController();
  breaking.abort(new Error("the home is left"));
  await expect(probe.ask(DESK, breaking.signal)).rejects.toThrow("the home is left");
});

/** Notes each run; what it gives ends then. */
function signsIn(expirationTimestamp: string): void {
  const file = join(bench.folder, "login");
  const status = { token: TOKEN, expirationTimestamp };
  const credential = { apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status };
  writeFileSync(
    file,
    `#!/bin/sh\necho run >> "${bench.folder}/ran"\ncat <<'END'\n${JSON.stringify(credential)}\nEND\n`,
  );
  chmodSync(file, 0o755);
  bench.writeConfig({
    exec: { apiVersion: credential.apiVersion, interactiveMode: "IfAvailable", command: file },
  });
}
const runs = () => {
  const file = join(bench.folder, "ran");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").length : 0;
};
const confirm = async () => {
  const [found] = (await bench.clusters.contexts()).contexts;
  await bench.clusters.confirm("test", found?.plugin?.fingerprint ?? "");
};

test("no plug-in is run for it: a sign-in that is there is used, and no other made", async () => {
  await create();
  signsIn(new Date(Date.now() + 3_600_000).toISOString());
  expect(await condition()).toBe("unknown");
  await confirm();
  expect([await condition(), runs()]).toEqual(["unknown", 0]);
  await (await bench.desktops()).password("desks", DESK.name);
  expect([await condition(), runs()]).toEqual(["ready", 1]);
  // The cluster takes it no more.
  bench.server.token = "another";
  expect([await condition(), runs()]).toEqual(["unknown", 1]);
});

test("nor where what it gave is about to end", async () => {
  await create();
  signsIn(new Date(Date.now() + 15_000).toISOString());
  await confirm();
  await (await bench.desktops()).password("desks", DESK.name);
  expect([await condition(), runs()]).toEqual(["unknown", 1]);
});
