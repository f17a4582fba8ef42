// Sign-in plug-ins (exec) of a kubeconfig: nothing is run before the user has seen and confirmed exactly it. With real programs, against the
// tests' API server, which takes the token that they give.

import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { KubernetesMemory } from "./memory.ts";
import { Clusters } from "./clusters.ts";
import { TOKEN } from "./testing/api-server.ts";
import { failureOf, KubernetesBench } from "./testing/kubernetes-bench.ts";

const PODS = "/api/v1/namespaces/desks/pods";
let bench: KubernetesBench;

beforeEach(async () => {
  bench = await KubernetesBench.start();
});
afterEach(() => bench.close());

const ran = () =>
  existsSync(join(bench.folder, "ran")) ? readFileSync(join(bench.folder, "ran"), "utf8").trim().split("\n") : [];
const credential = (status: object) =>
  JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status });

/** A program that notes each run and its environment, and prints this. */
function plugin(output: string, more = ""): string {
  const file = join(bench.folder, "login");
  const lines = ["#!/bin/sh", `echo "run $*" >> "${bench.folder}/ran"`, `env > "${bench.folder}/env"`, more];
  writeFileSync(file, `${lines.join("\n")}\ncat <<'END'\n${output}\nEND\n`);
  chmodSync(file, 0o755);
  return file;
}
const signsIn = (exec: object) =>
  bench.writeConfig({
    exec: { apiVersion: "client.authentication.k8s.io/v1", interactiveMode: "IfAvailable", ...exec },
  });
const read = async () => (await bench.clusters.cluster("test")).read(PODS);
const shown = async () => {
  const { contexts } = await bench.clusters.contexts();
  const found = contexts[0]?.plugin;
  if (found === undefined) throw new Error("no plug-in");
  return found;
};

test("it is shown as it would be run, and not run before it is confirmed", async () => {
  const command = plugin(credential({ token: TOKEN }));
  signsIn({ command, args: ["--user", "a b"], env: [{ name: "PROFILE", value: "dev" }] });
  expect(await shown()).toMatchObject({
    command,
    arguments: ["--user", "a b"],
    environment: [{ name: "PROFILE", value: "dev" }],
    confirmed: false,
  });
  expect(await failureOf(read())).toEqual({ reason: "plugin-unconfirmed", parameters: { command } });
  expect(await failureOf(bench.watch())).toMatchObject({ reason: "plugin-unconfirmed" });
  expect([ran(), bench.server.requests]).toEqual([[], []]);
});

test("once confirmed it runs with its arguments and environment, and its token is kept", async () => {
  const command = plugin(credential({ token: TOKEN }));
  signsIn({ command, args: ["--user", "a b"], env: [{ name: "PROFILE", value: "dev" }], provideClusterInfo: true });
  await bench.clusters.confirm("test", (await shown()).fingerprint);
  expect(await read()).toMatchObject({ items: [] });
  await read();
  expect(ran()).toEqual(["run --user a b"]);
  const environment = readFileSync(join(bench.folder, "env"), "utf8");
  expect(environment).toContain("PROFILE=dev\n");
  const info = /^KUBERNETES_EXEC_INFO=(.*)$/m.exec(environment)?.[1] ?? "";
  expect(JSON.parse(info)).toEqual({
    apiVersion: "client.authentication.k8s.io/v1",
    kind: "ExecCredential",
    spec: { interactive: false, cluster: { server: bench.server.url, "insecure-skip-tls-verify": false } },
  });
});

test("the confirmation outlives a restart, and is of exactly that: another argument is asked for again", async () => {
  const command = plugin(credential({ token: TOKEN }));
  signsIn({ command, args: ["login"] });
  await bench.clusters.confirm("test", (await shown()).fingerprint);
  const place = { environment: bench.environment, home: bench.folder };
  const again = new Clusters(place, new KubernetesMemory(join(bench.folder, "kubernetes.json")));
  expect((await again.contexts()).contexts[0]?.plugin?.confirmed).toBe(true);
  for (const exec of [
    { command, args: ["login", "--as-admin"] },
    { command: "sh" },
    { command, args: ["login"], env: [{ name: "LD_PRELOAD", value: "/x.so" }] },
  ]) {
    signsIn(exec);
    expect((await again.contexts()).contexts[0]?.plugin?.confirmed).toBe(false);
    expect(await failureOf(again.cluster("test"))).toMatchObject({ reason: "plugin-unconfirmed" });
  }
  expect(ran()).toEqual([]);
});

test("what was shown and what is confirmed must be the same", async () => {
  const command = plugin(credential({ token: TOKEN }));
  signsIn({ command, args: ["harmless"] });
  const { fingerprint } = await shown();
  signsIn({ command, args: ["other"] });
  expect(await failureOf(bench.clusters.confirm("test", fingerprint))).toMatchObject({ reason: "plugin-unconfirmed" });
  expect(await failureOf(read())).toMatchObject({ reason: "plugin-unconfirmed" });
  expect(ran()).toEqual([]);
});

const confirmed = async (exec: object) => {
  signsIn(exec);
  await bench.clusters.confirm("test", (await shown()).fingerprint);
};

test("a token that has expired is asked for again", async () => {
  await confirmed({ command: plugin(credential({ token: TOKEN, expirationTimestamp: new Date().toISOString() })) });
  const cluster = await bench.clusters.cluster("test");
  await cluster.read(PODS);
  await cluster.read(PODS);
  expect(ran()).toHaveLength(2);
});

test("a token that the cluster refuses before its time is asked for again, once", async () => {
  await confirmed({ command: plugin(credential({ token: TOKEN })) });
  const cluster = await bench.clusters.cluster("test");
  await cluster.read(PODS);
  bench.server.token = "another";
  expect(await failureOf(cluster.read(PODS))).toMatchObject({ reason: "unauthorized" });
  expect(ran()).toHaveLength(2);
});

test("a client certificate from a plug-in signs in", async () => {
  const { certFile, keyFile } = bench.server.clientFiles;
  const [clientCertificateData, clientKeyData] = [certFile, keyFile].map((file) => readFileSync(file, "utf8"));
  await confirmed({ command: plugin(credential({ clientCertificateData, clientKeyData })) });
  expect(await read()).toMatchObject({ items: [] });
});

test("a program that is not there says how to install it", async () => {
  await confirmed({ command: "eglantine-no-such-login", installHint: "apt install login" });
  expect(await failureOf(read())).toEqual({
    reason: "plugin-missing",
    parameters: { command: "eglantine-no-such-login", hint: "apt install login", output: "ENOENT" },
  });
});

test("a program that fails is quoted", async () => {
  await confirmed({ command: plugin("", 'echo "your session has expired" >&2; exit 3') });
  expect((await failureOf(read())).parameters).toMatchObject({ output: "your session has expired" });
});

test.each([
  ["half a token", "no JSON"],
  ["{}", "no ExecCredential"],
  [credential({}), "no token, no certificate"],
])("a program that prints something else is not quoted: %s", async (output, said) => {
  await confirmed({ command: plugin(output) });
  expect(await failureOf(read())).toMatchObject({ reason: "plugin-failed", parameters: { output: said } });
});

test("a program that wants a terminal", async () => {
  await confirmed({ command: plugin(credential({ token: TOKEN })), interactiveMode: "Always" });
  expect(await failureOf(read())).toMatchObject({ reason: "plugin-terminal" });
  expect(ran()).toEqual([]);
});

test.each(["gcp", "azure", "exec", "anything"])(
  "the old auth-provider %s, which starts programs unasked, is not used",
  async (name) => {
    const command = plugin(credential({ token: TOKEN }));
    bench.writeConfig({ "auth-provider": { name, config: { "cmd-path": command, exec: { command } } } });
    expect(await failureOf(read())).toEqual({ reason: "sign-in-removed", parameters: { provider: name } });
    expect([ran(), bench.server.requests]).toEqual([[], []]);
  },
);

test("a cluster by plain HTTP elsewhere is not asked; on this computer, as `kubectl proxy` has it, it is", async () => {
  bench.writeConfig({ token: TOKEN }, { server: "http://cluster.example.org:8080" });
  expect(await failureOf(read())).toEqual({
    reason: "not-encrypted",
    parameters: { server: "http://cluster.example.org:8080" },
  });
  bench.writeConfig({ token: TOKEN }, { server: "http://127.0.0.1:1", "certificate-authority": null });
  expect(await failureOf(read())).toMatchObject({ reason: "unreachable" });
});

test("looking at the contexts asks no cluster and runs nothing", async () => {
  signsIn({ command: plugin(credential({ token: TOKEN })) });
  const { contexts, current } = await bench.clusters.contexts();
  expect(current).toBe("test");
  expect(contexts).toMatchObject([
    { name: "test", server: bench.server.url, user: "dev", namespace: "desks", unverified: false },
  ]);
  expect([ran(), bench.server.requests]).toEqual([[], []]);
});
