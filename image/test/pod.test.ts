// The manifest of image/kubernetes run for real by Podman, which knows Pods: as user 1000, without capabilities, on a read-only root, with the
// volumes and the Secret that it names. Podman's storage is the test's own; the image comes from the engine.

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { answerOf } from "../../test/harness/health.ts";
import { freePort } from "../../test/harness/ports.ts";
import { until } from "../../test/harness/until.ts";
import { DOCKER } from "./daemon.ts";
import { BUILD_WITHIN_MS, Engine } from "./engine.ts";
import { kustomize, type Resource } from "../../apps/client/src/main/kubernetes/kustomize.ts";
import type { PodSpec } from "./pod-security.ts";

const OVERLAY = fileURLToPath(new URL("../kubernetes/overlays/software", import.meta.url));
const IMAGE = "localhost/eglantine:full";
const PASSWORD = "of the Secret";

let engine: Engine | undefined;
let folder: string;
let env: Record<string, string | undefined>;

/** runc: crun refuses machines with both kinds of control groups. */
const flags = () => ["--runtime", "runc", "--root", join(folder, "root"), "--runroot", join(folder, "run")];

function podman(...argv: readonly string[]): string {
  const { error, status, stdout, stderr } = spawnSync("podman", [...flags(), ...argv], { env, encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`podman ${argv.join(" ")} ended with ${status}:\n${stderr}${stdout}`);
  return stdout.trim();
}

/** Why it can't be run here. */
function obstacle(): string | undefined {
  if (process.getuid?.() !== 0) return "Podman's own network needs root";
  for (const program of ["podman", "runc", "catatonit"]) {
    if (spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0) return `${program} is not installed`;
  }
  return undefined;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "egl-pod-"));
  const why = obstacle();
  if (why !== undefined) {
    console.log(`skipped: the Pod (${why})`);
    return;
  }
  engine = await Engine.open();
  if (engine === undefined) return;
  // Podman would give away more than a machine that is a container itself may; and its `reset` takes every network with it.
  const settings = `[containers]
default_ulimits = ["nofile=16384:16384", "nproc=16384:16384"]
[network]
network_config_dir = "${join(folder, "networks")}"
`;
  writeFileSync(join(folder, "containers.conf"), settings);
  env = { ...process.env, CONTAINERS_CONF: join(folder, "containers.conf") };
  const image = await engine.image("desktop");
  const saved = spawn(DOCKER, ["save", image], { env: engine.env, stdio: ["ignore", "pipe", "inherit"] });
  const loaded = spawn("podman", [...flags(), "load", "--quiet"], { env, stdio: [saved.stdout, "pipe", "inherit"] });
  let text = "";
  loaded.stdout?.on("data", (part: Buffer) => (text += String(part)));
  expect(await new Promise((resolve) => loaded.once("close", resolve))).toBe(0);
  podman("tag", text.replace("Loaded image:", "").trim(), IMAGE);
}, BUILD_WITHIN_MS);
afterAll(async () => {
  if (engine !== undefined) {
    podman("pod", "rm", "--all", "--force");
    podman("system", "reset", "--force");
  }
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As the API server would have it, on a port of this machine's loopback address, with a password. */
function prepared(resource: Resource, port: number): Resource {
  const { kind } = resource;
  if (kind === "Secret") {
    return { ...resource, stringData: undefined, data: { password: Buffer.from(PASSWORD).toString("base64") } };
  }
  if (kind !== "Deployment") return resource;
  const copy = structuredClone(resource) as unknown as { spec: { template: { spec: PodSpec } } } & Resource;
  const [container] = copy.spec.template.spec.containers;
  for (const one of container?.ports ?? []) Object.assign(one, { hostPort: port, hostIP: "127.0.0.1" });
  Object.assign(container ?? {}, { image: IMAGE });
  return copy;
}

test("the Pod of the manifest comes up within its bounds, and a viewer may connect with the password of its Secret", async (context) => {
  if (engine === undefined) return context.skip();
  const port = await freePort();
  const file = join(folder, "desktop.yaml");
  const resources = kustomize(OVERLAY).filter(({ kind }) => kind !== "Service");
  writeFileSync(file, resources.map((resource) => stringify(prepared(resource, port))).join("---\n"));
  podman("play", "kube", file);
  const container = podman("ps", "--quiet", "--filter", "name=-desktop$");
  const url = `http://127.0.0.1:${port}/health`;
  await until("a viewer may connect", async () => (await answerOf(url)) === 200, {
    limitMs: 90_000,
    everyMs: 250,
  }).catch((error: Error) => {
    throw new Error(`${error.message}\n${podman("logs", container)}`, { cause: error });
  });
  const asking = async (word: string): Promise<unknown> => {
    const authorization = `Basic ${Buffer.from(`user:${word}`).toString("base64")}`;
    return (await fetch(url, { headers: { authorization } })).json();
  };
  const inside = (script: string) => podman("exec", container, "sh", "-c", script);
  // Podman 4 leaves it as the Secret has it.
  const written = inside("cat /run/secrets/eglantine/password");
  expect([PASSWORD, Buffer.from(PASSWORD).toString("base64")]).toContain(written);
  expect(await asking(written)).toHaveProperty("refused");
  expect(await asking("something else")).not.toHaveProperty("refused");
  expect(inside("id -u; id -g; grep -E '^(CapBnd|NoNewPrivs|Seccomp):' /proc/self/status | tr -d '\\t '")).toBe(
    "1000\n1000\nCapBnd:0000000000000000\nNoNewPrivs:1\nSeccomp:2",
  );
  expect(inside("touch /etc/x 2>&1 || :")).toMatch(/Read-only file system/);
  expect(inside('stat -c %U /home/user; echo "$SIZEW"')).toBe("user\n1920");
  const stopped = performance.now();
  podman("play", "kube", "--down", file);
  expect(performance.now() - stopped).toBeLessThan(30_000);
}, 180_000);
