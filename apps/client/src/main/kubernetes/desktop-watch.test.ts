// What becomes of a desktop, as the user is told it: the stages, and what is in the way, in the words that scheduler, kubelet and controllers
// of Kubernetes write. Against the tests' API server, whose other side plays them.

import { afterEach, beforeEach, expect, test } from "vitest";
import { formOf, KubernetesBench, type WatchedDesktops } from "./testing/kubernetes-bench.ts";

const TARGET = { context: "test", namespace: "desks", name: "eglantine-desk" };
let bench: KubernetesBench;
let watched: WatchedDesktops;

beforeEach(async () => {
  bench = await KubernetesBench.start({ isWilling: false });
  watched = await bench.watch();
});
afterEach(() => bench.close());

async function create(more = {}) {
  const desktops = await bench.desktops();
  await desktops.create(formOf(more));
  return { desktops, pod: bench.cluster.podOf("eglantine-desk") };
}
const stage = (name: string) => watched.untilOne((desktop) => desktop.stage === name);
const problem = async (reason: string) => {
  const { problems, stage } = await watched.untilOne(({ problems }) => problems.some((one) => one.reason === reason));
  return { problems, stage };
};

test("a desktop is scheduled, pulled, started, ready, stopped, started and removed", async () => {
  const { desktops, pod } = await create({ idleMinutes: 30 });
  await stage("scheduling");
  bench.cluster.schedule(pod);
  expect(await stage("starting")).toMatchObject({ node: "node-1" });
  bench.cluster.pull(pod);
  await stage("pulling");
  bench.cluster.run(pod);
  await stage("starting");
  bench.cluster.ready(pod);
  expect(await stage("ready")).toEqual({
    name: "eglantine-desk",
    stage: "ready",
    problems: [],
    node: "node-1",
    image: "eglantine:full",
    gpu: "nvidia.com/gpu × 1",
    address: "",
    home: "20Gi",
    idleMinutes: 30,
  });
  await desktops.stop(TARGET);
  await stage("stopped");
  await desktops.start(TARGET);
  await stage("scheduling");
  await desktops.remove(TARGET, { home: false });
  expect(await stage("home-kept")).toMatchObject({ name: "eglantine-desk", home: "20Gi" });
  await desktops.remove(TARGET, { home: true });
  await watched.until((desktops) => desktops.length === 0);
  expect(watched.failures).toEqual([]);
});

test("no GPU is free, some nodes are reserved: both are said, for how many nodes", async () => {
  const { pod } = await create();
  bench.cluster.unschedulable(
    pod,
    "0/5 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 4 Insufficient nvidia.com/gpu. preemption: 0/5 nodes are available: 1 Preemption is not helpful for scheduling, 4 No preemption victims found for incoming pod.",
  );
  expect(await problem("no-gpu")).toEqual({
    stage: "scheduling",
    problems: [
      { reason: "no-gpu", parameters: { nodes: "4", total: "5", resource: "nvidia.com/gpu" } },
      { reason: "taints", parameters: { nodes: "1", total: "5", taint: "node-role.kubernetes.io/control-plane" } },
    ],
  });
});

test("no memory", async () => {
  const { pod } = await create();
  bench.cluster.unschedulable(pod, "0/2 nodes are available: 2 Insufficient memory.");
  expect((await problem("no-memory")).problems).toEqual([
    { reason: "no-memory", parameters: { nodes: "2", total: "2" } },
  ]);
});

test("a home that gets no volume says what the claim says", async () => {
  const { pod } = await create({ storageClass: "fast" });
  const claim = bench.server.objects.get("api/v1 persistentvolumeclaims", "desks", "eglantine-desk-home");
  bench.cluster.event(claim, "Warning", "ProvisioningFailed", 'storageclass.storage.k8s.io "fast" not found');
  bench.cluster.unschedulable(
    pod,
    "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
  );
  expect((await problem("volume-waits")).problems).toEqual([
    { reason: "volume-waits", parameters: { problem: 'storageclass.storage.k8s.io "fast" not found' } },
  ]);
});

test("what was in the way and passed is no longer told", async () => {
  const { pod } = await create();
  bench.cluster.unschedulable(pod, "0/2 nodes are available: 2 Insufficient memory.");
  await problem("no-memory");
  bench.cluster.schedule(pod);
  expect(await stage("starting")).toMatchObject({ problems: [] });
});

test.each([
  [
    "image-missing",
    'failed to pull and unpack image "registry/eglantine:full": failed to resolve reference "registry/eglantine:full": registry/eglantine:full: not found',
  ],
  [
    "image-denied",
    "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
  ],
  [
    "image-architecture",
    'failed to pull and unpack image "registry/eglantine:full": no match for platform in manifest: not found',
  ],
  [
    "image-unreachable",
    'failed to do request: Head "https://registry/v2/eglantine/manifests/full": dial tcp: lookup registry: no such host',
  ],
])("an image that cannot be had: %s", async (reason, why) => {
  const { pod } = await create();
  bench.cluster.schedule(pod);
  bench.cluster.pull(pod);
  bench.cluster.pullFails(pod, why);
  const seen = await problem(reason);
  expect(seen.stage).toBe("pulling");
  expect(seen.problems[0]?.parameters).toMatchObject({ image: "eglantine:full" });
});

const DENIED =
  'failed to pull and unpack image "r.example.org:5000/eglantine:full": failed to authorize: unexpected status: 401 Unauthorized';

test.each([
  ["r.example.org:5000/eglantine:full", "r.example.org:5000", DENIED],
  ["ghcr.io/somebody/eglantine:full", "ghcr.io", "ghcr.io/somebody/eglantine:full: not found"],
  ["somebody/eglantine:full", "https://index.docker.io/v1/", "pull access denied, repository does not exist"],
])("%s, for which the pull secret is missing, says which, and of which registry", async (image, registry, why) => {
  const { pod } = await create({ image, pullSecret: "account" });
  bench.cluster.schedule(pod);
  bench.cluster.pullSecretMissing(pod);
  bench.cluster.pull(pod);
  bench.cluster.pullFails(pod, why);
  expect(await problem("image-secret")).toEqual({
    stage: "pulling",
    problems: [{ reason: "image-secret", parameters: { image, secret: "account", namespace: "desks", registry } }],
  });
});

test("a pull secret that is missing is not blamed for a registry that is away, nor for an image that is there", async () => {
  const { pod } = await create({ pullSecret: "account" });
  bench.cluster.schedule(pod);
  bench.cluster.pullSecretMissing(pod);
  bench.cluster.pull(pod);
  bench.cluster.pullFails(pod, "dial tcp: lookup registry: no such host");
  // Its event is seen by then, as is the one about the secret, which came before it.
  const isTold = ({ problem = "" }) => problem.includes("no such host");
  const away = await watched.untilOne(({ problems }) => problems.some(({ parameters }) => isTold(parameters)));
  expect(away.problems.map(({ reason }) => reason)).toEqual(["image-unreachable"]);
  bench.cluster.run(pod);
  expect(await watched.untilOne(({ problems }) => problems.length === 0)).toMatchObject({ stage: "starting" });
});

test("a name that is no image's", async () => {
  const { pod } = await create();
  bench.cluster.schedule(pod);
  bench.cluster.container(pod, { waiting: { reason: "InvalidImageName", message: "couldn't parse image name" } });
  expect((await problem("image-name")).problems).toHaveLength(1);
});

test("a Pod that crashes says with which code, and how often", async () => {
  const { pod } = await create();
  bench.cluster.schedule(pod);
  bench.cluster.run(pod);
  bench.cluster.crash(pod, 1);
  expect(await problem("crashed")).toEqual({
    stage: "starting",
    problems: [{ reason: "crashed", parameters: { code: "1", restarts: "2" } }],
  });
});

test.each([
  ["out-of-memory", 137, "OOMKilled", undefined],
  ["image-architecture", 128, "StartError", "failed to create containerd task: exec /init: exec format error"],
  [
    "start-failed",
    128,
    "StartError",
    "failed to create shim task: OCI runtime create failed: nvidia-container-cli: initialization error",
  ],
])("a Pod that crashes: %s", async (reason, code, why, message) => {
  const { pod } = await create();
  bench.cluster.schedule(pod);
  bench.cluster.crash(pod, code, why, message);
  await problem(reason);
});

test("a container that cannot be configured, and a volume that cannot be attached", async () => {
  const { pod } = await create();
  bench.cluster.schedule(pod);
  bench.cluster.event(pod, "Warning", "FailedMount", 'MountVolume.SetUp failed for volume "home": timed out');
  expect((await problem("mount")).problems[0]?.parameters["problem"]).toMatch(/timed out/);
  bench.cluster.container(pod, { waiting: { reason: "CreateContainerConfigError", message: 'secret "x" not found' } });
  await problem("config");
});

test.each([
  [
    "quota",
    'pods "eglantine-desk-1" is forbidden: exceeded quota: gpus, requested: requests.nvidia.com/gpu=1, used: 2, limited: 2',
  ],
  ["pod-security", 'pods "eglantine-desk-1" is forbidden: violates PodSecurity "restricted:latest": seccompProfile'],
  ["refused", 'admission webhook "policy.example.org" denied the request: no'],
])("no Pod comes into being: %s", async (reason, message) => {
  const { pod } = await create();
  const deployment = bench.server.objects.get("apis/apps/v1 deployments", "desks", "eglantine-desk");
  bench.cluster.refusePods(deployment, message);
  bench.server.objects.remove("api/v1 pods", "desks", pod.metadata.name);
  expect(await problem(reason)).toMatchObject({ stage: "creating", problems: [{ parameters: { problem: message } }] });
});

test("the watches go on when the API server ends them, and when it has forgotten where they were", async () => {
  const { desktops, pod } = await create();
  await stage("scheduling");
  bench.server.endWatches();
  bench.cluster.schedule(pod);
  await stage("starting");
  bench.server.objects.forgetHistory();
  bench.server.endWatches();
  bench.cluster.ready(pod);
  await stage("ready");
  await desktops.stop(TARGET);
  await stage("stopped");
});

test("without the right to see events there is less to say, and the stages come all the same", async () => {
  bench.server.deny("list events");
  const other = await bench.watch();
  const { pod } = await create();
  bench.cluster.unschedulable(pod, "0/2 nodes are available: 2 Insufficient memory.");
  const desktop = await other.untilOne(({ problems }) => problems.length > 0);
  expect(desktop.problems[0]?.reason).toBe("no-memory");
  expect(other.failures).toEqual([]);
});

test("somebody else's desktop is not in the list", async () => {
  const labels = { "app.kubernetes.io/name": "eglantine" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "desktop", image: "eglantine:full" }] } };
  bench.server.objects.create("apis/apps/v1 deployments", "desks", {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "eglantine-theirs", labels },
    spec: { selector: { matchLabels: labels }, template },
  });
  await create();
  expect((await stage("scheduling")).name).toBe("eglantine-desk");
});

test("a list that this user may not see says which right is missing", async () => {
  // The first one has its list by then.
  await expect.poll(() => watched.isTold).toBe(true);
  bench.server.deny("list deployments");
  const other = await bench.watch();
  const parameters = { user: "dev", verb: "list", resource: "deployments", namespace: "desks" };
  await expect.poll(() => other.failures).toEqual([{ reason: "forbidden", parameters }]);
  // The rest of it has been listed long since; that makes no list of desktops.
  await create();
  await stage("scheduling");
  expect(other.isTold).toBe(false);
});
