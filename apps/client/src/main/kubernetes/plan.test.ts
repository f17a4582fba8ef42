// The form's values in the image's manifests, held against what Kustomize makes of the same manifests and against Kubernetes' schema.

import { join } from "node:path";
import { expect, test } from "vitest";
import { podSecurityProblems, type PodSpec } from "../../../../../image/test/pod-security.ts";
import { schemaProblems } from "../../../../../image/test/schema.ts";
import type { KubernetesForm } from "../../shared/kubernetes-form.ts";
import { kustomize, type Resource } from "./kustomize.ts";
import { planDesktop } from "./plan.ts";
import { KUBERNETES_FORM } from "./read.ts";
import { formOf, MANIFESTS } from "./testing/kubernetes-bench.ts";

const plan = (more: Partial<KubernetesForm> = {}) =>
  planDesktop({
    form: formOf(more),
    password: "secret",
    mark: "5f0f2b0e-0000-4000-8000-000000000000",
    folder: MANIFESTS,
  });
const podOf = (resources: readonly Resource[]) => {
  const deployment = resources.find(({ kind }) => kind === "Deployment") as unknown as {
    spec: { template: { spec: PodSpec } };
  };
  return deployment.spec.template.spec;
};
const jobOf = (job: Resource) =>
  (job as unknown as { spec: { jobTemplate: { spec: { template: { spec: PodSpec } } } } }).spec.jobTemplate.spec
    .template.spec;
const limits = (more: Partial<KubernetesForm>) => podOf(plan(more).desktop).containers[0]?.resources?.limits;

test("with the defaults it is the base, under its own name and marked", () => {
  const text = JSON.stringify(plan().desktop);
  expect(plan().desktop.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
    "Secret eglantine-desk",
    "PersistentVolumeClaim eglantine-desk-home",
    "Deployment eglantine-desk",
    "Service eglantine-desk",
  ]);
  // But for names, marks and the password it is what `kubectl apply -k base` makes.
  const unmarked = text
    .replaceAll('"namespace":"desks"', "")
    .replaceAll(/"app\.kubernetes\.io\/(instance|managed-by)":"[^"]*"/g, "")
    .replaceAll(/"eglantine\.desktop\/created-by":"[^"]*"/g, "")
    .replaceAll("eglantine-desk", "eglantine")
    .replace('"password":"secret"', '"password":""')
    .replaceAll('"annotations":{}', "")
    .replaceAll(/,+(?=[}\]])/g, "")
    .replaceAll(/,,+/g, ",");
  expect(JSON.parse(unmarked)).toEqual(kustomize(join(MANIFESTS, "base")));
});

test.each([
  ["nvidia.com/gpu", "base"],
  ["nvidia.com/gpu.shared", "overlays/time-sliced"],
  ["nvidia.com/mig-1g.10gb", "overlays/mig"],
  ["amd.com/gpu", "overlays/amd"],
  ["gpu.intel.com/i915", "overlays/intel"],
  ["", "overlays/software"],
])("%s has the limits and groups of image/kubernetes/%s", (gpuResource, overlay) => {
  const { containers, securityContext } = podOf(kustomize(join(MANIFESTS, overlay)));
  const own = podOf(plan({ gpuResource }).desktop);
  expect(own.containers[0]?.resources).toEqual(containers[0]?.resources);
  expect(own.securityContext).toEqual(securityContext);
});

test("another count, another profile, another group", () => {
  expect(limits({ gpuResource: "nvidia.com/mig-3g.40gb", gpuCount: 2 })).toEqual({
    cpu: "16",
    memory: "64Gi",
    "nvidia.com/mig-3g.40gb": 2,
  });
  const { securityContext } = podOf(plan({ gpuResource: "amd.com/gpu", renderGroup: 44 }).desktop);
  expect(securityContext).toMatchObject({ supplementalGroups: [44] });
});

test("size, image and home go where they belong", () => {
  const { desktop } = plan({
    widthPx: 2560,
    heightPx: 1440,
    image: "r.example.org/eglantine:1.2",
    homeGibibytes: 50,
    storageClass: "fast",
  });
  const [container] = podOf(desktop).containers;
  expect(container?.image).toBe("r.example.org/eglantine:1.2");
  expect(container?.env).toEqual(
    expect.arrayContaining([
      { name: "SIZEW", value: "2560" },
      { name: "SIZEH", value: "1440" },
    ]),
  );
  expect(desktop[1]).toMatchObject({
    spec: { storageClassName: "fast", resources: { requests: { storage: "50Gi" } } },
  });
  expect(plan().desktop[1]).not.toHaveProperty("spec.storageClassName");
});

test("stopped when idle: the annotation, and the Job with the desktop's image", () => {
  const { desktop, idle } = plan({ idleMinutes: 45, image: "r.example.org/eglantine:1.2" });
  expect(desktop[2]?.metadata.annotations).toEqual({ "eglantine.desktop/idle-minutes": "45" });
  expect(JSON.stringify(idle)).not.toContain("eglantine:full");
  expect(idle.map(({ kind }) => kind).sort()).toEqual([
    "ConfigMap",
    "CronJob",
    "Role",
    "RoleBinding",
    "ServiceAccount",
  ]);
  expect(plan().idle).toEqual([]);
});

test("the idle job's rights are its own account's: without a namespace RBAC takes the binding's", () => {
  const [binding] = plan({ idleMinutes: 45 }).idle.filter(({ kind }) => kind === "RoleBinding");
  expect(binding?.metadata.namespace).toBe("desks");
  expect(binding?.["subjects"]).toEqual([{ kind: "ServiceAccount", name: "eglantine-idle" }]);
});

test("a pull secret is the desktop's and the idle job's, which runs its image; without one there is none", () => {
  const { desktop, idle } = plan({ pullSecret: "registry.account", idleMinutes: 45 });
  expect(podOf(desktop)).toMatchObject({ imagePullSecrets: [{ name: "registry.account" }] });
  expect(idle.find(({ kind }) => kind === "CronJob")).toMatchObject({
    spec: { jobTemplate: { spec: { template: { spec: { imagePullSecrets: [{ name: "registry.account" }] } } } } },
  });
  expect(JSON.stringify(plan({ idleMinutes: 45 }))).not.toContain("imagePullSecrets");
});

test.each([
  ["neither: the manifest's", 0, 0, "2Gi", "64Gi"],
  ["both", 8, 16, "8Gi", "16Gi"],
  ["the most alone", 0, 16, "2Gi", "16Gi"],
  ["less than the manifest asks for", 0, 1, "1Gi", "1Gi"],
  ["the least alone", 8, 0, "8Gi", "64Gi"],
  ["more than the manifest allows", 100, 0, "100Gi", "100Gi"],
])("memory, %s", (_what, memoryRequestGibibytes, memoryLimitGibibytes, least, most) => {
  const resources = podOf(plan({ memoryRequestGibibytes, memoryLimitGibibytes }).desktop).containers[0]?.resources;
  expect(resources).toEqual({
    requests: { cpu: "500m", memory: least },
    limits: { cpu: "16", memory: most, "nvidia.com/gpu": 1 },
  });
});

test("by an Ingress: its host, certificate and class, and the agent knows the proxy", () => {
  const { desktop } = plan({ ingressHost: "desk.example.org", ingressSecret: "desk-tls", ingressClass: "nginx" });
  const backend = { service: { name: "eglantine-desk", port: { name: "http" } } };
  expect(desktop.find(({ kind }) => kind === "Ingress")).toMatchObject({
    metadata: { name: "eglantine-desk" },
    spec: {
      ingressClassName: "nginx",
      rules: [{ host: "desk.example.org", http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
      tls: [{ hosts: ["desk.example.org"], secretName: "desk-tls" }],
    },
  });
  expect(podOf(desktop).containers[0]?.env?.map(({ name }) => name)).toContain("EGLANTINE_TRUSTED_PROXIES");
  const [plain] = plan({ ingressHost: "desk.example.org" }).desktop.filter(({ kind }) => kind === "Ingress");
  expect(plain?.["spec"]).toMatchObject({ tls: [{ hosts: ["desk.example.org"] }] });
  expect(JSON.stringify(plain)).not.toContain("secretName");
});

test("every form comes to objects that are as the schema has them, and restricted Pods", () => {
  const forms = [
    {},
    { gpuResource: "", idleMinutes: 30, ingressHost: "a.b", pullSecret: "account" },
    { memoryRequestGibibytes: 4, memoryLimitGibibytes: 8 },
    {
      gpuResource: "amd.com/gpu",
      gpuCount: 2,
      storageClass: "fast",
      ingressHost: "a.b",
      ingressSecret: "t",
      ingressClass: "c",
    },
  ];
  const plans = forms.map(plan);
  expect(schemaProblems(plans.flatMap(({ desktop, idle }) => [...desktop, ...idle]))).toEqual([]);
  for (const { desktop } of plans) expect(podSecurityProblems(podOf(desktop))).toEqual([]);
  const jobs = plans.flatMap(({ idle }) => idle).filter(({ kind }) => kind === "CronJob");
  expect(jobs.map((job) => podSecurityProblems(jobOf(job)))).toEqual([[]]);
});

test.each<[string, Partial<Record<keyof KubernetesForm, unknown>>]>([
  ["a name with a blank", { name: "my desk" }],
  ["a name that leads elsewhere", { name: "../secrets/x" }],
  ["a namespace that leads elsewhere", { namespace: "a/b" }],
  ["an image with an option", { image: "--privileged" }],
  ["an image with a line break", { image: "a\nb" }],
  ["no GPU at all of one", { gpuCount: 0 }],
  ["half a GPU", { gpuCount: 0.5 }],
  ["a resource without a domain", { gpuResource: "gpu" }],
  ["a home of nothing", { homeGibibytes: 0 }],
  ["a host with a path", { ingressHost: "a.b/c" }],
  ["a size that is text", { widthPx: "1920" }],
  ["a pull secret that leads elsewhere", { pullSecret: "../x" }],
  ["half a gibibyte", { memoryLimitGibibytes: 0.5 }],
  ["memory that is more than the most", { memoryRequestGibibytes: 8, memoryLimitGibibytes: 4 }],
])("refused: %s", (_what, more) => {
  expect(KUBERNETES_FORM.safeParse({ ...formOf(), ...more }).success).toBe(false);
  expect(KUBERNETES_FORM.safeParse(formOf()).success).toBe(true);
});
