// What a cluster that cannot be used says: against real TLS and the tests' API server.

import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeCertificate } from "../../../../../test/harness/certificate.ts";
import { TOKEN } from "./testing/api-server.ts";
import { failureOf, formOf, KubernetesBench } from "./testing/kubernetes-bench.ts";

const PODS = "/api/v1/namespaces/desks/pods";
let bench: KubernetesBench;

beforeEach(async () => {
  bench = await KubernetesBench.start();
});
afterEach(() => bench.close());

const read = async (path = PODS) => (await bench.clusters.cluster("test")).read(path);

test("a client certificate signs in", async () => {
  const { certFile, keyFile } = bench.server.clientFiles;
  bench.writeConfig({ "client-certificate": certFile, "client-key": keyFile });
  expect(await read()).toMatchObject({ items: [] });
});

test("a token in a file signs in, and is read anew", async () => {
  writeFileSync(join(bench.folder, "token"), TOKEN);
  bench.writeConfig({ tokenFile: "token" });
  expect(await read()).toMatchObject({ items: [] });
});

test("a token that the cluster does not know", async () => {
  bench.writeConfig({ token: "an old one" });
  expect(await failureOf(read())).toEqual({ reason: "unauthorized", parameters: { context: "test" } });
});

test("a certificate of another authority is not trusted, and nothing is sent there", async () => {
  const other = makeCertificate(bench.folder);
  bench.writeConfig({ token: TOKEN }, { "certificate-authority": other.certFile });
  const { url } = bench.server;
  expect(await failureOf(read())).toMatchObject({ reason: "certificate", parameters: { server: url } });
  expect(bench.server.requests).toEqual([]);
});

test("a cluster that is not there", async () => {
  const { url } = bench.server;
  await bench.server.close();
  expect(await failureOf(read())).toMatchObject({
    reason: "unreachable",
    parameters: { server: url, problem: expect.stringContaining("ECONNREFUSED") },
  });
});

test("a name that no DNS knows", async () => {
  bench.writeConfig({ token: TOKEN }, { server: "https://cluster.invalid:6443" });
  expect(await failureOf(read())).toMatchObject({
    reason: "unreachable",
    parameters: { server: "https://cluster.invalid:6443" },
  });
});

test("something that is no API server at all", async () => {
  const server = createServer(
    (socket) =>
      void socket
        .resume()
        .on("error", () => socket.destroy())
        .end("SSH-2.0-OpenSSH\r\n"),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  bench.writeConfig({ token: TOKEN }, { server: `https://127.0.0.1:${port}` });
  expect((await failureOf(read())).reason).toMatch(/^(certificate|unreachable)$/);
  await new Promise((resolve) => server.close(resolve));
});

test("a proxy's error page is told in short, without its mark-up", async () => {
  bench.server.broken = { code: 502, text: "<html><h1>502 Bad Gateway</h1></html>" };
  expect(await failureOf(read())).toEqual({
    reason: "cluster-failed",
    parameters: { server: bench.server.url, status: "502", problem: "502 Bad Gateway" },
  });
});

test("without the right to make Secrets nothing is left of the desktop", async () => {
  bench.server.deny("create services");
  const desktops = await bench.desktops();
  expect(await failureOf(desktops.create(formOf()))).toEqual({
    reason: "forbidden",
    parameters: { user: "dev", verb: "create", resource: "services", namespace: "desks" },
  });
  const left = ["api/v1 secrets", "api/v1 persistentvolumeclaims", "apis/apps/v1 deployments"];
  expect(left.flatMap((resource) => bench.server.objects.list(resource, "desks"))).toEqual([]);
});

test("a namespace that is not there", async () => {
  const desktops = await bench.desktops();
  expect(await failureOf(desktops.create(formOf({ namespace: "elsewhere" })))).toEqual({
    reason: "no-namespace",
    parameters: { namespace: "elsewhere" },
  });
});

test("a quota that is used up", async () => {
  bench.server.quota = "homes, requested: requests.storage=20Gi, used: 90Gi, limited: 100Gi";
  const desktops = await bench.desktops();
  expect(await failureOf(desktops.create(formOf()))).toMatchObject({ reason: "quota" });
  expect(bench.server.objects.list("api/v1 secrets", "desks")).toEqual([]);
});

test("a question that is broken off", async () => {
  const cluster = await bench.clusters.cluster("test");
  const controller = new AbortController();
  controller.abort();
  expect(await failureOf(cluster.read(PODS, { signal: controller.signal }))).toEqual({
    reason: "canceled",
    parameters: {},
  });
});
