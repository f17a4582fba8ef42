// Engines where they are really found: DOCKER_HOST, contexts of the Docker CLI, TCP with certificates, SSH through a real sshd, Podman's socket.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../../../../test/harness/ports.ts";
import { Process } from "../../../../../test/harness/processes.ts";
import { until } from "../../../../../test/harness/until.ts";
import { Sshd } from "../ssh/testing/sshd.ts";
import { Engines } from "./engines.ts";
import type { LauncherError } from "./failure.ts";
import { lookAtMachine } from "./machine.ts";
import { SmallEngine, whyNoEngine } from "./testing/small-engine.ts";
import { makeTlsSet, type TlsSet } from "./testing/tls.ts";

const why = whyNoEngine() ?? (existsSync("/usr/sbin/sshd") ? undefined : "openssh-server is not installed");
if (why !== undefined) console.log(`skipped: engines where they are found (${why})`);

const failureOf = (call: Promise<unknown>): Promise<LauncherError> =>
  call.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: unknown) => error as LauncherError,
  );

describe.skipIf(why !== undefined)("an engine", () => {
  let folder: string;
  let tls: TlsSet;
  let port: number;
  let small: SmallEngine;

  const enginesWith = (env: Readonly<Record<string, string>>, ssh?: string) =>
    new Engines(
      { platform: "linux", env: { DOCKER_CONFIG: join(folder, "none"), ...env }, home: folder, uid: 0 },
      ssh === undefined ? ["ssh"] : [ssh],
    );

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "egl-engines-"));
    tls = makeTlsSet(join(folder, "tls"));
    port = await freePort();
    const files = ["ca", "cert", "key"].flatMap((name) => [
      `--tls${name === "ca" ? "cacert" : name}`,
      join(tls.server, `${name}.pem`),
    ]);
    small = await SmallEngine.open({ flags: ["-H", `tcp://127.0.0.1:${port}`, "--tlsverify", ...files] });
  });
  afterAll(async () => {
    await small?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("of DOCKER_HOST is the first of the list, and says what it is", async () => {
    const engines = enginesWith({ DOCKER_HOST: `unix://${small.socket}` });
    const [first] = await engines.list([]);
    expect(first).toMatchObject({ address: "environment:", origin: "environment", current: true, remote: false });
    const facts = await (await engines.open("environment:")).facts();
    expect(facts).toMatchObject({ kind: "docker", architecture: process.arch === "x64" ? "amd64" : "arm64" });
    expect(facts.version).toMatch(/^\d+\.\d+/);
  });

  test("of TCP is reached with the certificates of DOCKER_CERT_PATH, and with no others", async () => {
    const env = { DOCKER_HOST: `tcp://127.0.0.1:${port}`, DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: tls.client };
    const engines = enginesWith(env);
    expect((await (await engines.open("environment:")).facts()).kind).toBe("docker");
    // A user whom another authority vouches for, and one who trusts another authority.
    const other = makeTlsSet(join(folder, "other"));
    const stranger = join(folder, "stranger");
    mkdirSync(stranger);
    execFileSync("cp", [
      join(tls.client, "ca.pem"),
      join(other.client, "cert.pem"),
      join(other.client, "key.pem"),
      stranger,
    ]);
    for (const path of [stranger, other.client]) {
      const wrong = enginesWith({ ...env, DOCKER_CERT_PATH: path });
      expect((await failureOf((await wrong.open("environment:")).facts())).reason).toBe("engineTls");
    }
    const plain = enginesWith({ DOCKER_HOST: `tcp://127.0.0.1:${port}` });
    expect((await failureOf((await plain.open("environment:")).facts())).reason).toBe("engineTls");
  });

  test("of a context that the Docker CLI made is in the list by its name, with its certificates", async () => {
    const config = join(folder, "docker");
    const files = ["ca", "cert", "key"].map((name) => `${name}=${join(tls.client, `${name}.pem`)}`).join(",");
    const docker = (...args: string[]) =>
      execFileSync("docker", args, { env: { ...process.env, DOCKER_CONFIG: config }, stdio: "pipe" });
    docker("context", "create", "far", "--docker", `host=tcp://127.0.0.1:${port},${files}`);
    docker("context", "create", "near", "--docker", `host=unix://${small.socket}`);
    docker("context", "use", "near");
    const engines = enginesWith({ DOCKER_CONFIG: config });
    const found = (await engines.list([])).filter(({ origin }) => origin === "context");
    expect(found).toMatchObject([
      { address: "context:near", name: "near", current: true },
      { address: "context:far", name: "far", current: false },
    ]);
    for (const { address } of found) expect((await (await engines.open(address)).facts()).kind).toBe("docker");
    expect((await failureOf(engines.open("context:none"))).reason).toBe("addressInvalid");
  });

  test("that nobody serves any more is told as absent", async () => {
    const engine = await enginesWith({}).open(`unix://${join(folder, "gone.sock")}`);
    expect((await failureOf(engine.facts())).reason).toBe("engineAbsent");
    const refused = await enginesWith({ DOCKER_HOST: `tcp://127.0.0.1:${await freePort()}` }).open("environment:");
    expect((await failureOf(refused.facts())).reason).toBe("engineAbsent");
  });

  describe("of another machine, by SSH", () => {
    let sshd: Sshd;

    beforeAll(async () => {
      // A home without a shell's settings: those of this machine may take their time.
      sshd = await Sshd.start({ config: [`SetEnv DOCKER_HOST=unix://${small.socket} HOME=${folder}`] });
      sshd.trust("desk");
    });
    afterAll(() => sshd?.close());

    test("answers, several calls at a time, and its machine can be looked at", async () => {
      const engines = enginesWith({}, sshd.userSsh());
      const engine = await engines.open("ssh://desk");
      const [facts, images, { names }] = await Promise.all([engine.facts(), engine.imageTags(""), engine.occupied()]);
      expect(facts.kind).toBe("docker");
      expect([images, names]).toEqual([[], []]);
      const machine = await lookAtMachine(await engines.connection("ssh://desk"), "win32", engines.ssh);
      expect(machine).toEqual(await lookAtMachine({ kind: "socket", path: "/" }, "linux", ["ssh"]));
      expect(machine?.distribution).not.toBe("");
    });

    test("is asked by way of another socket there, if the address has one", async () => {
      const engine = await enginesWith({}, sshd.userSsh()).open(`ssh://desk${small.socket}`);
      expect((await engine.facts()).kind).toBe("docker");
      const nobody = await enginesWith({}, sshd.userSsh()).open("ssh://desk/nobody.sock");
      expect((await failureOf(nobody.facts())).reason).toBe("engineAbsent");
    });

    test("is not asked when its host key has changed, and the user is told which host", async () => {
      const engines = enginesWith({}, sshd.userSsh());
      sshd.makeHostKey();
      await sshd.restart();
      const failure = await failureOf((await engines.open("ssh://desk")).facts());
      expect(failure.failure).toMatchObject({ reason: "sshHostKey", parameters: { engine: "ssh://desk" } });
      sshd.trust("desk");
      expect((await (await engines.open("ssh://desk")).facts()).kind).toBe("docker");
    });

    test("is told as denied, unreachable or without Docker", async () => {
      const refused = enginesWith(
        {},
        sshd.userSsh(["Host desk", "  IdentityFile /dev/null", "  PubkeyAuthentication no"]),
      );
      expect((await failureOf((await refused.open("ssh://desk")).facts())).reason).toBe("sshDenied");
      const away = enginesWith({}, sshd.userSsh([`Host desk`, `  Port ${await freePort()}`]));
      expect((await failureOf((await away.open("ssh://desk")).facts())).reason).toBe("sshUnreachable");
      const missing = enginesWith({}, join(folder, "no-such-ssh"));
      expect((await failureOf((await missing.open("ssh://desk")).facts())).reason).toBe("sshMissing");
      const bare = await Sshd.start({ config: [`SetEnv PATH=/nowhere HOME=${folder}`] });
      try {
        bare.trust("desk");
        const engines = enginesWith({}, bare.userSsh());
        expect((await failureOf((await engines.open("ssh://desk")).facts())).reason).toBe("sshNoDocker");
      } finally {
        await bare.close();
      }
    });
  });

  const podman = spawnSync("podman", ["--version"]).status === 0;
  test.skipIf(!podman)("of Podman is known as such by its socket", async () => {
    const runtime = join(folder, "run");
    const socket = join(runtime, "podman/podman.sock");
    mkdirSync(join(runtime, "podman"), { recursive: true });
    const service = new Process([
      "podman",
      "--root",
      join(folder, "p"),
      "--runroot",
      join(folder, "r"),
      "system",
      "service",
      "--time",
      "0",
      `unix://${socket}`,
    ]);
    try {
      await until("Podman's socket is there", () => service.isOver || existsSync(socket));
      const engines = enginesWith({ XDG_RUNTIME_DIR: runtime });
      const found = (await engines.list([])).find(({ address }) => address === `unix://${socket}`);
      expect(found).toMatchObject({ origin: "podman", name: "Podman" });
      expect(await (await engines.open(`unix://${socket}`)).facts()).toMatchObject({ kind: "podman" });
    } finally {
      await service.close();
      // Its storage stays mounted.
      const mounts = readFileSync("/proc/self/mounts", "utf8")
        .split("\n")
        .map((line) => line.split(" ")[1] ?? "");
      for (const place of mounts.toReversed()) if (place.startsWith(`${folder}/`)) spawnSync("umount", [place]);
    }
  });
});
