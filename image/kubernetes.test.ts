// image/kubernetes: every overlay is built and held against Kubernetes' own schema, the "restricted" Pod Security Standard and the options'
// table; the generator for many users. Where there is a kubectl, it and the application's kustomize.ts must agree. Run for real: test/pod.test.ts.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import {
  kustomize,
  type Resource,
  readManifest,
  readObjects,
  sorted,
} from "../apps/client/src/main/kubernetes/kustomize.ts";
import { environmentProblems } from "./test/option-names.ts";
import { type Container, type PodSpec, podSecurityProblems } from "./test/pod-security.ts";
import { schemaProblems } from "./test/schema.ts";

const FOLDER = fileURLToPath(new URL("kubernetes", import.meta.url));
const USERS = join(FOLDER, "users.sh");
const overlays = readdirSync(join(FOLDER, "overlays"));
const components = readdirSync(join(FOLDER, "components"));
const NVIDIA = "nvidia.com/gpu";
const hasKubectl = spawnSync("kubectl", ["version", "--client"]).status === 0;
const kubectl = (folder: string) => readObjects(execFileSync("kubectl", ["kustomize", folder], { encoding: "utf8" }));
let scratch: string;

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "egl-kubernetes-"));
  if (!hasKubectl) console.log("skipped: what kubectl makes of the overlays (there is none on this machine)");
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

const deploymentOf = (resources: readonly Resource[]) => {
  const found = resources.find(({ kind }) => kind === "Deployment") as
    | (Resource & { spec: { replicas: number; strategy: unknown; template: { spec: PodSpec } } })
    | undefined;
  if (found === undefined) throw new Error("there is no Deployment");
  return found;
};
const podOf = (resources: readonly Resource[]) => deploymentOf(resources).spec.template.spec;
const desktopOf = (resources: readonly Resource[]): Container => {
  const [container] = podOf(resources).containers;
  if (container === undefined) throw new Error("there is no container");
  return container;
};
const environmentOf = (resources: readonly Resource[]) =>
  Object.fromEntries((desktopOf(resources).env ?? []).map(({ name, value }) => [name, value]));

test("every component has its overlay", () => {
  expect(overlays).toEqual(components);
  expect(overlays.length).toBeGreaterThan(8);
});

test.each(["base", ...overlays.map((name) => `overlays/${name}`)])("%s is as Kubernetes' schema has it", (name) => {
  const resources = kustomize(join(FOLDER, name));
  expect(resources.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(["Secret", "PersistentVolumeClaim", "Deployment", "Service"]),
  );
  expect(schemaProblems(resources)).toEqual([]);
});

test("the schema refuses fields that are not there, and values of another kind", () => {
  const deployment = deploymentOf(readManifest(join(FOLDER, "base/desktop.yaml")));
  const wrong = (spec: object) => schemaProblems([{ ...deployment, spec: { ...deployment.spec, ...spec } }]).join();
  expect(wrong({})).toBe("");
  expect(wrong({ replica: 1 })).toMatch(/replica.*does not exist/);
  expect(wrong({ replicas: "1" })).toMatch(/'string' is not assignable to type 'number/);
});

test.each(["base", ...overlays.map((name) => `overlays/${name}`)])("%s passes as restricted", (name) => {
  const resources = kustomize(join(FOLDER, name));
  const allowed = name === "overlays/host-network" ? ["hostNetwork is true"] : [];
  const pods = resources.flatMap((resource) => podSpecsIn(resource));
  expect(pods.flatMap(podSecurityProblems)).toEqual(allowed);
  for (const { containers } of pods) {
    for (const { securityContext } of containers) expect(securityContext?.readOnlyRootFilesystem).toBe(true);
  }
});

/** Wherever they are: Deployments, CronJobs. */
function podSpecsIn(value: unknown): PodSpec[] {
  if (typeof value !== "object" || value === null) return [];
  if ("containers" in value) return [value as PodSpec];
  return Object.values(value).flatMap(podSpecsIn);
}

test.each(["base", ...overlays.map((name) => `overlays/${name}`)])("%s sets options that there are", (name) => {
  const environment = environmentOf(kustomize(join(FOLDER, name)));
  expect(environmentProblems(environment)).toEqual([]);
  expect(Object.keys(environment).length).toBeGreaterThan(5);
});

test("a Pod is asked at /health whether it has started, may be visited, and lives", () => {
  const desktop = desktopOf(kustomize(join(FOLDER, "base")));
  for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"] as const) {
    expect(desktop[probe]?.httpGet, probe).toEqual({ path: "/health", port: "http" });
  }
  expect(desktop.ports).toEqual([
    { name: "http", containerPort: 8080, protocol: "TCP" },
    { name: "webrtc", containerPort: 8080, protocol: "UDP" },
  ]);
});

test("no Service of the namespace sets an option by its name", () => {
  expect(podOf(kustomize(join(FOLDER, "base"))).enableServiceLinks).toBe(false);
});

test("it names what docker-nvidia-egl-desktop's manifest sets, in one replica that is replaced, with one GPU", () => {
  const resources = kustomize(join(FOLDER, "base"));
  expect(Object.keys(environmentOf(resources))).toEqual(
    expect.arrayContaining(["TZ", "SIZEW", "SIZEH", "REFRESH", "DPI", "CDEPTH", "PASSWD_FILE", "WEBRTC_ENCODER"]),
  );
  expect(deploymentOf(resources).spec).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
  expect(desktopOf(resources).resources?.limits).toHaveProperty([NVIDIA], 1);
  expect(podOf(resources).volumes).toContainEqual({ name: "shm", emptyDir: { medium: "Memory", sizeLimit: "2Gi" } });
});

test("no password is in a manifest", () => {
  const secrets = kustomize(join(FOLDER, "base")).filter(({ kind }) => kind === "Secret");
  expect(secrets.map(({ stringData }) => stringData)).toEqual([{ password: "" }]);
  for (const name of overlays) {
    const more = kustomize(join(FOLDER, "overlays", name)).filter(({ kind }) => kind === "Secret");
    expect(more, name).toEqual(secrets);
  }
});

test.each([
  ["time-sliced", "nvidia.com/gpu.shared"],
  ["mig", "nvidia.com/mig-1g.10gb"],
  ["amd", "amd.com/gpu"],
  ["intel", "gpu.intel.com/i915"],
  ["software", undefined],
])("%s has one %s and no whole GPU of NVIDIA's", (name, resource) => {
  const limits = desktopOf(kustomize(join(FOLDER, "overlays", name))).resources?.limits ?? {};
  expect(Object.keys(limits).filter((key) => key.includes("/"))).toEqual(resource === undefined ? [] : [resource]);
});

test("the two kinds of TURN credentials are never both there", () => {
  const [secret, user] = ["turn-secret", "turn-user"].map((name) =>
    environmentOf(kustomize(join(FOLDER, "overlays", name))),
  );
  expect(secret).toMatchObject({ TURN_SHARED_SECRET_FILE: "/run/secrets/eglantine-turn/shared-secret" });
  expect(secret).not.toHaveProperty("TURN_USERNAME");
  expect(user).toMatchObject({
    TURN_USERNAME: "eglantine",
    TURN_PASSWORD_FILE: "/run/secrets/eglantine-turn/password",
  });
  expect(user).not.toHaveProperty("TURN_SHARED_SECRET_FILE");
});

test("the Ingress leads to the Service's HTTP port, and the Service to the desktop's", () => {
  const resources = kustomize(join(FOLDER, "overlays/ingress"));
  const service = resources.find(({ kind }) => kind === "Service");
  const port = { service: { name: service?.metadata.name, port: { name: "http" } } };
  const path = { path: "/", pathType: "Prefix", backend: port };
  expect(resources.find(({ kind }) => kind === "Ingress")).toMatchObject({
    spec: { rules: [{ http: { paths: [path] } }] },
  });
  expect(service).toMatchObject({
    spec: { ports: [{ name: "http", port: 8080, targetPort: "http" }, { protocol: "UDP" }] },
  });
});

test.runIf(hasKubectl)("kubectl makes the same of every overlay", () => {
  for (const name of ["base", ...overlays.map((one) => `overlays/${one}`)]) {
    const folder = join(FOLDER, name);
    expect(sorted(kubectl(folder)), name).toEqual(sorted(kustomize(folder)));
  }
});

test("users.sh gives each user a desktop, a home, a path and a password of their own, and leaves them on the next run", () => {
  const folder = join(scratch, "users");
  const run = (...argv: readonly string[]) => execFileSync(USERS, [folder, ...argv], { encoding: "utf8" });
  run(
    "--with",
    "time-sliced,idle",
    "--host",
    "desk.example.org",
    "--image",
    "registry.example.org:5000/eglantine:1.2",
    "alice",
    "bob",
  );
  const passwordOf = (user: string) => readFileSync(join(folder, user, "password"), "utf8");
  const first = passwordOf("alice");
  expect(first).toMatch(/^[\w+/]{20}$/);
  expect(passwordOf("bob")).not.toBe(first);
  expect(statSync(join(folder, "alice/password")).mode & 0o777).toBe(0o600);
  run("carol");
  expect(passwordOf("alice")).toBe(first);
  const all = parse(readFileSync(join(folder, "kustomization.yaml"), "utf8")) as { resources: string[] };
  expect(all.resources.slice(0, 3)).toEqual(["alice", "bob", "carol"]);

  if (!hasKubectl) return;
  const resources = kubectl(folder);
  expect(schemaProblems(resources)).toEqual([]);
  const named = (kind: string) => resources.filter((one) => one.kind === kind).map(({ metadata }) => metadata.name);
  for (const kind of ["Deployment", "Service"]) {
    expect(named(kind).sort()).toEqual(["eglantine-alice", "eglantine-bob", "eglantine-carol"]);
  }
  expect(named("PersistentVolumeClaim")).toHaveLength(3);
  expect(named("CronJob")).toEqual(["eglantine-idle"]);
  const alice = resources.filter(({ metadata }) => metadata.name.includes("-alice"));
  expect(deploymentOf(alice)).toMatchObject({
    metadata: { annotations: { "eglantine.desktop/idle-minutes": "60" } },
    spec: { selector: { matchLabels: { "eglantine.desktop/user": "alice" } } },
  });
  expect(environmentOf(alice)).toMatchObject({ EGLANTINE_BASE_PATH: "/alice" });
  expect(environmentProblems(environmentOf(alice))).toEqual([]);
  expect(desktopOf(alice)).toMatchObject({ image: "registry.example.org:5000/eglantine:1.2" });
  const secret = alice.find(({ kind }) => kind === "Secret");
  expect(secret?.["data"]).toEqual({ password: Buffer.from(first).toString("base64") });
  expect(podOf(alice).volumes).toContainEqual({
    name: "password",
    secret: { secretName: secret?.metadata.name, optional: false },
  });
  expect(podOf(alice).volumes).toContainEqual({
    name: "home",
    persistentVolumeClaim: { claimName: "eglantine-home-alice" },
  });
  const service = alice.find(({ kind }) => kind === "Service");
  expect(service?.["spec"]).toMatchObject({ selector: { "eglantine.desktop/user": "alice" } });
  const rule = {
    host: "desk.example.org",
    http: { paths: [{ path: "/alice", backend: { service: { name: "eglantine-alice" } } }] },
  };
  expect(alice.find(({ kind }) => kind === "Ingress")?.["spec"]).toMatchObject({ rules: [rule] });
});

test.each([
  [["Alice"], /lower-case letters/],
  [["-alice"], /unknown option -alice/],
  [["--with", "wings", "alice"], /no component wings/],
  [["--host", "a b", "alice"], /--host must be a host name/],
  [[], /no user given/],
])("users.sh refuses %j in words", (argv, sentence) => {
  const folder = join(scratch, "refused");
  const { status, stderr } = spawnSync(USERS, [folder, ...argv], { encoding: "utf8" });
  expect(stderr).toMatch(sentence);
  expect(status).toBe(2);
  expect(() => statSync(folder)).toThrow(/ENOENT/);
});
