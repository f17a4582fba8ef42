// Desktops on Kubernetes, against an API server that speaks TLS and validates every object (`testing/api-server.ts`): made, stopped, started,
// removed, read; and that nothing of anybody else's is ever touched.

import { afterEach, beforeEach, expect, test } from "vitest";
import { schemaProblems } from "../../../../../image/test/schema.ts";
import { ANNOTATION, LABEL } from "./plan.ts";
import { failureOf, formOf, KubernetesBench } from "./testing/kubernetes-bench.ts";

let bench: KubernetesBench;

beforeEach(async () => {
  bench = await KubernetesBench.start();
});
afterEach(() => bench.close());

const TARGET = { context: "test", namespace: "desks", name: "eglantine-desk" };
const kinds = () => bench.server.taken.map(({ kind }) => kind);
const all = (resource: string) => bench.server.objects.list(resource, "desks").map(({ metadata }) => metadata.name);
const deployment = (name = "eglantine-desk") => bench.server.objects.get("apis/apps/v1 deployments", "desks", name);
/** What was asked that changes something. */
const changes = () =>
  bench.server.requests.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);

test("a desktop is made of the image's manifests, and every object is as Kubernetes' schema has it", async () => {
  const desktops = await bench.desktops();
  await desktops.create(
    formOf({
      idleMinutes: 30,
      ingressHost: "desk.example.org",
      ingressSecret: "desk-tls",
      ingressClass: "nginx",
      storageClass: "fast",
    }),
  );
  expect(kinds()).toEqual([
    "Secret",
    "PersistentVolumeClaim",
    "Deployment",
    "Service",
    "Ingress",
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "CronJob",
    "ConfigMap",
  ]);
  // The server has validated them; the compiler knows the fields that no schema has.
  expect(schemaProblems(bench.server.taken)).toEqual([]);
  const wrong = structuredClone(bench.server.taken[2]);
  if (wrong === undefined) throw new Error("no Deployment");
  wrong["spec"] = { ...(wrong["spec"] as object), replica: 1 };
  expect(schemaProblems([wrong]).join()).toMatch(/replica.*does not exist/);
});

test("the API server of the tests refuses what is against the schema", async () => {
  const cluster = await bench.clusters.cluster("test");
  const wrong = { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, stringData: { password: 1 } };
  expect(await failureOf(cluster.create("/api/v1/namespaces/desks/secrets", wrong))).toMatchObject({
    reason: "invalid",
    parameters: { problem: expect.stringContaining("stringData") },
  });
});

test("the password is one of its own for each desktop, in a Secret", async () => {
  const desktops = await bench.desktops();
  await desktops.create(formOf({ name: "a" }));
  await desktops.create(formOf({ name: "b" }));
  const [a, b] = [await desktops.password("desks", "eglantine-a"), await desktops.password("desks", "eglantine-b")];
  expect(a).toMatch(/^[A-Za-z0-9+/]{20}$/);
  expect(a).not.toBe(b);
  expect(JSON.stringify(bench.server.objects.list("apis/apps/v1 deployments", "desks"))).not.toContain(a);
});

test("stopped is scaled to none and started to one, and nothing else changes", async () => {
  const desktops = await bench.desktops();
  await desktops.create(formOf());
  const before = deployment();
  await desktops.stop(TARGET);
  expect(deployment()["spec"]).toEqual({ ...(before["spec"] as object), replicas: 0 });
  expect(all("api/v1 pods")).toEqual([]);
  await desktops.start(TARGET);
  expect(deployment()["spec"]).toEqual(before["spec"]);
  expect(deployment().metadata.labels).toEqual(before.metadata.labels);
});

test("a start forgets what the idle job has noted", async () => {
  const desktops = await bench.desktops();
  await desktops.create(formOf({ idleMinutes: 30 }));
  const annotations = {
    [ANNOTATION.stoppedAt]: "2026-11-22T10:00:00Z",
    [ANNOTATION.idleSince]: "2026-11-22T09:00:00Z",
  };
  bench.server.objects.patch("apis/apps/v1 deployments", "desks", "eglantine-desk", {
    metadata: { annotations },
    spec: { replicas: 0 },
  });
  await desktops.start(TARGET);
  expect(deployment().metadata.annotations).toEqual({ [ANNOTATION.idleMinutes]: "30" });
});

test("removed without its home, the home stays and is the next desktop's of that name", async () => {
  const desktops = await bench.desktops();
  await desktops.create(formOf());
  const [claim] = bench.server.objects.list("api/v1 persistentvolumeclaims", "desks");
  await desktops.remove(TARGET, { home: false });
  expect(["apis/apps/v1 deployments", "api/v1 services", "api/v1 secrets", "api/v1 pods"].flatMap(all)).toEqual([]);
  expect(all("api/v1 persistentvolumeclaims")).toEqual(["eglantine-desk-home"]);
  await desktops.create(formOf());
  expect(bench.server.objects.list("api/v1 persistentvolumeclaims", "desks")).toEqual([claim]);
});

test("removed with its home, nothing is left; a home that was left can go later", async () => {
  const desktops = await bench.desktops();
  await desktops.create(formOf());
  await desktops.remove(TARGET, { home: true });
  expect(all("api/v1 persistentvolumeclaims")).toEqual([]);
  await desktops.create(formOf());
  await desktops.remove(TARGET, { home: false });
  await desktops.remove(TARGET, { home: true });
  expect(all("api/v1 persistentvolumeclaims")).toEqual([]);
});

test("the idle job is made once in a namespace, and goes with the last desktop that wants it", async () => {
  const desktops = await bench.desktops();
  await desktops.create(formOf({ name: "a", idleMinutes: 30 }));
  await desktops.create(formOf({ name: "b", idleMinutes: 60 }));
  expect(all("apis/batch/v1 cronjobs")).toEqual(["eglantine-idle"]);
  await desktops.remove({ ...TARGET, name: "eglantine-a" }, { home: true });
  expect(all("apis/batch/v1 cronjobs")).toEqual(["eglantine-idle"]);
  await desktops.remove({ ...TARGET, name: "eglantine-b" }, { home: true });
  const left = [
    "apis/batch/v1 cronjobs",
    "api/v1 serviceaccounts",
    "api/v1 configmaps",
    "apis/rbac.authorization.k8s.io/v1 roles",
  ];
  expect(left.flatMap(all)).toEqual([]);
});

test("an idle job of somebody else's is used and left alone", async () => {
  const job = {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "eglantine-idle" },
    spec: { schedule: "* * * * *", jobTemplate: {} },
  };
  bench.server.objects.create("apis/batch/v1 cronjobs", "desks", job);
  const desktops = await bench.desktops();
  await desktops.create(formOf({ idleMinutes: 30 }));
  await desktops.remove(TARGET, { home: true });
  expect(all("apis/batch/v1 cronjobs")).toEqual(["eglantine-idle"]);
  expect(changes().join()).not.toMatch(/cronjobs|serviceaccounts/);
});

test("logs are those of the present run after those of the one that crashed", async () => {
  bench.cluster.isWilling = false;
  const desktops = await bench.desktops();
  await desktops.create(formOf());
  const pod = bench.cluster.podOf("eglantine-desk");
  bench.cluster.schedule(pod);
  bench.cluster.crash(pod, 1);
  bench.server.logs.set(`${pod.metadata.name} previous`, "no X server\n");
  expect(await desktops.logs(TARGET)).toBe("no X server\n");
  bench.cluster.container(pod, { running: { startedAt: new Date().toISOString() } });
  bench.server.logs.set(pod.metadata.name, "agent ready\n");
  expect(await desktops.logs(TARGET)).toBe("agent ready\n");
});

test("a stopped desktop has no logs, and says so", async () => {
  const desktops = await bench.desktops();
  await desktops.create(formOf());
  await desktops.stop(TARGET);
  expect(await failureOf(desktops.logs(TARGET))).toEqual({ reason: "stopped", parameters: { name: "eglantine-desk" } });
});

test("what nodes and storage classes there are is offered; what this user may not see is not", async () => {
  const { objects } = bench.server;
  const node = (name: string, allocatable: object) =>
    objects.create("api/v1 nodes", undefined, {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name },
      status: { allocatable },
    });
  node("a", { cpu: "8", "nvidia.com/gpu": "2" });
  node("b", { cpu: "8", "nvidia.com/gpu": "4", "amd.com/gpu": "1", "nvidia.com/mig-1g.10gb": "0" });
  objects.create("apis/storage.k8s.io/v1 storageclasses", undefined, {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "fast", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
    provisioner: "example.org/disk",
  });
  const desktops = await bench.desktops();
  expect(await desktops.choices()).toEqual({
    namespaces: ["desks"],
    storageClasses: [{ name: "fast", isDefault: true }],
    gpus: [
      { resource: "nvidia.com/gpu", count: 6 },
      { resource: "amd.com/gpu", count: 1 },
    ],
  });
  for (const right of ["list namespaces", "list nodes", "list storageclasses"]) bench.server.deny(right);
  expect(await desktops.choices()).toEqual({ namespaces: [], storageClasses: [], gpus: [] });
});

// Never anybody else's.

const FOREIGN = { [LABEL.name]: "eglantine", [LABEL.instance]: "desk" };
const foreignDeployment = () => {
  const template = {
    metadata: { labels: FOREIGN },
    spec: { containers: [{ name: "desktop", image: "eglantine:full" }] },
  };
  return bench.server.objects.create("apis/apps/v1 deployments", "desks", {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "eglantine-desk", labels: FOREIGN },
    spec: { replicas: 1, selector: { matchLabels: FOREIGN }, template },
  });
};

test("a desktop of somebody else's is neither stopped, started nor removed", async () => {
  foreignDeployment();
  const desktops = await bench.desktops();
  const notOwn = { reason: "not-own", parameters: { name: "eglantine-desk" } };
  expect(await failureOf(desktops.stop(TARGET))).toEqual(notOwn);
  expect(await failureOf(desktops.start(TARGET))).toEqual(notOwn);
  expect(await failureOf(desktops.remove(TARGET, { home: true }))).toEqual(notOwn);
  expect(changes()).toEqual([]);
});

test("another installation's desktop is somebody else's, though the application made it", async () => {
  const desktops = await bench.desktops();
  await desktops.create(formOf());
  const metadata = { labels: { [LABEL.mark]: "5f0f2b0e-0000-4000-8000-000000000000" } };
  bench.server.objects.patch("apis/apps/v1 deployments", "desks", "eglantine-desk", { metadata });
  expect(await failureOf(desktops.stop(TARGET))).toMatchObject({ reason: "not-own" });
  expect(await failureOf(desktops.remove(TARGET, { home: true }))).toMatchObject({ reason: "not-own" });
});

test("a name that is taken is left as it is, and what was made before that goes again", async () => {
  // Its Pod would only change its status.
  bench.cluster.isWilling = false;
  const before = foreignDeployment();
  const desktops = await bench.desktops();
  expect(await failureOf(desktops.create(formOf()))).toEqual({
    reason: "name-taken",
    parameters: { name: "eglantine-desk", kind: "Deployment" },
  });
  expect(deployment()).toEqual(before);
  expect([...all("api/v1 secrets"), ...all("api/v1 persistentvolumeclaims")]).toEqual([]);
});

test("a home of somebody else's is not taken over", async () => {
  const claim = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "eglantine-desk-home" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  };
  bench.server.objects.create("api/v1 persistentvolumeclaims", "desks", claim);
  const desktops = await bench.desktops();
  expect(await failureOf(desktops.create(formOf()))).toMatchObject({ reason: "name-taken" });
  expect(all("api/v1 persistentvolumeclaims")).toEqual(["eglantine-desk-home"]);
  expect(all("api/v1 secrets")).toEqual([]);
});

test("the Secret of somebody else's desktop is not read", async () => {
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "eglantine-desk" },
    stringData: { password: "theirs" },
  };
  bench.server.objects.create("api/v1 secrets", "desks", secret);
  expect(await (await bench.desktops()).password("desks", "eglantine-desk")).toBeUndefined();
});

test("one that has taken the name between looking and scaling is not scaled", async () => {
  const desktops = await bench.desktops();
  await desktops.create(formOf());
  bench.server.beforePatch = () => {
    bench.server.beforePatch = undefined;
    bench.server.objects.remove("apis/apps/v1 deployments", "desks", "eglantine-desk");
    foreignDeployment();
  };
  expect(await failureOf(desktops.stop(TARGET))).toEqual({ reason: "not-own", parameters: { name: "eglantine-desk" } });
  expect(deployment()).toMatchObject({ spec: { replicas: 1 } });
});

test("somebody's change between looking and scaling is looked at, and it is scaled", async () => {
  const desktops = await bench.desktops();
  await desktops.create(formOf());
  bench.server.beforePatch = () => {
    bench.server.beforePatch = undefined;
    const metadata = { annotations: { theirs: "1" } };
    bench.server.objects.patch("apis/apps/v1 deployments", "desks", "eglantine-desk", { metadata });
  };
  await desktops.stop(TARGET);
  expect(deployment()).toMatchObject({ metadata: { annotations: { theirs: "1" } }, spec: { replicas: 0 } });
});
