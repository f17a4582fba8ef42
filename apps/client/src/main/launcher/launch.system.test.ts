// The launcher's whole way on a real engine with the real image: from the form to a viewer, the list of its own, and what goes wrong on the way.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { BUILD_WITHIN_MS, Engine } from "../../../../../image/test/engine.ts";
import { Operator } from "../../../../../image/test/operator.ts";
import { verdict } from "../../../../../test/harness/knock.ts";
import { freePort } from "../../../../../test/harness/ports.ts";
import { until } from "../../../../../test/harness/until.ts";
import { emptyForm, type LaunchForm } from "../../shared/launch-form.ts";
import type { LaunchState } from "../../shared/launcher.ts";
import { HealthProbe } from "../desktops/probe.ts";
import { DesktopStore } from "../desktops/store.ts";
import { composeFile } from "./compose-file.ts";
import { containerRoute } from "./container-route.ts";
import { createOptions } from "./create-options.ts";
import { Engines } from "./engines.ts";
import type { LauncherError } from "./failure.ts";
import { Launcher } from "./launcher.ts";
import { LauncherStore } from "./launcher-store.ts";
import { OWN_LABEL } from "./own-containers.ts";
import { planOf } from "./plan.ts";
import { runLine } from "./run-line.ts";

const engine = await Engine.open();
const PASSWORD = "correct-horse-battery";
const signal = new AbortController().signal;

const failureOf = (call: Promise<unknown>): Promise<LauncherError> =>
  call.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: unknown) => error as LauncherError,
  );

describe.skipIf(engine === undefined)("a desktop of the launcher", () => {
  const real = engine as Engine;
  let folder: string;
  let engines: Engines;
  let store: LauncherStore;
  let desktops: DesktopStore;
  let launcher: Launcher;
  let states: LaunchState[];
  let image: string;
  let names = 0;
  const health = new HealthProbe();

  beforeAll(async () => {
    image = await real.image("desktop");
    folder = mkdtempSync(join(tmpdir(), "egl-launch-"));
    engines = new Engines({ platform: "linux", env: { DOCKER_HOST: real.host }, home: folder, uid: 0 });
    store = new LauncherStore(join(folder, "launcher.json"));
    desktops = new DesktopStore(join(folder, "desktops.json"));
    launcher = new Launcher({ engines, store, desktops, tell: (state) => states.push(state) });
  }, BUILD_WITHIN_MS);
  afterEach(async () => {
    await launcher.cancel();
    const { installation } = await store.read();
    const filter = ["--quiet", "--filter", `label=${OWN_LABEL}=${installation}`];
    const containers = await real.docker("ps", "--all", ...filter);
    if (containers !== "") await real.docker("rm", "--force", ...containers.split("\n"));
    const volumes = await real.docker("volume", "ls", ...filter);
    if (volumes !== "") await real.docker("volume", "rm", ...volumes.split("\n"));
  });
  afterAll(async () => {
    health.close();
    await launcher?.close();
    await real.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A name that no other run on this engine has. */
  async function form(own: Partial<LaunchForm> = {}): Promise<LaunchForm> {
    const name = `egl-test-${process.pid}-${names++}`;
    const port = await freePort();
    return {
      ...emptyForm(),
      engine: "environment:",
      name,
      image,
      home: `${name}-home`,
      port,
      password: PASSWORD,
      widthPx: 1280,
      heightPx: 720,
      ...own,
    };
  }

  /** Resolves to how it ended. */
  async function launched(chosen: LaunchForm): Promise<LaunchState> {
    states = [];
    launcher.launch(chosen);
    await until("the launch is over", () => /done|failed/.test(launcher.state?.stage ?? ""), { limitMs: 120_000 });
    // The next one may begin.
    await launcher.cancel();
    return launcher.state as LaunchState;
  }
  const route = () => containerRoute({ engines, store, ssh: undefined, health });
  const labelsOf = async (container: string) =>
    JSON.parse(await real.docker("inspect", "--format", "{{json .Config.Labels}}", container)) as Record<
      string,
      string
    >;

  test("is made, answers, lets its viewer in by itself, and stands in the list with what it uses", async () => {
    const chosen = await form();
    const state = await launched(chosen);
    expect(state).toMatchObject({ stage: "done", name: chosen.name });
    expect([...new Set(states.map(({ stage }) => stage))]).toEqual(["pull", "create", "start", "health", "done"]);
    const [saved] = (await desktops.list()).filter(({ id }) => id === state.desktop);
    expect(saved).toMatchObject({ name: chosen.name, target: { kind: "container", engine: "environment:" } });
    if (saved?.target.kind !== "container") throw new Error("no desktop of a container");
    const open = await route().open(saved.target, () => undefined, signal);
    expect(open).toMatchObject({ url: `http://127.0.0.1:${chosen.port}/`, user: "user", password: PASSWORD });
    expect(await verdict(open.url, { user: open.user ?? "", password: open.password ?? "" })).toBe("hello");
    expect(await verdict(open.url, { user: "user", password: "another-password" })).not.toBe("hello");

    const own = await launcher.own("environment:");
    const [container] = await own.list();
    expect(container).toMatchObject({
      name: chosen.name,
      state: "running",
      port: chosen.port,
      volume: chosen.home,
      ownVolume: true,
    });
    const stats = await own.stats(saved.target.container);
    expect(stats.memoryBytes).toBeGreaterThan(20e6);
    expect(stats.memoryLimitBytes).toBeGreaterThan(stats.memoryBytes);
    expect(stats.gpu).toBeUndefined();
    expect(await own.log(saved.target.container)).toContain("agent started");
    expect(await real.docker("logs", saved.target.container)).not.toContain(PASSWORD);
    expect(JSON.stringify(await labelsOf(saved.target.container))).not.toContain(PASSWORD);
    expect(JSON.stringify(states)).not.toContain(PASSWORD);
  });

  test("is stopped, started by whoever connects to it, and removed with its saved desktop; its home stays until that is asked for too", async () => {
    const chosen = await form();
    const { desktop = "" } = await launched(chosen);
    const { target } = (await desktops.find(desktop)) ?? {};
    if (target?.kind !== "container") throw new Error("no desktop of a container");
    const own = await launcher.own("environment:");
    await own.stop(target.container);
    await own.stop(target.container);
    expect(await own.list()).toMatchObject([{ state: "stopped" }]);
    expect((await failureOf(own.stats(target.container))).reason).toBe("containerStopped");
    const steps: string[] = [];
    const open = await route().open(target, ({ step }) => steps.push(step), signal);
    expect(await verdict(open.url, { user: "user", password: PASSWORD })).toBe("hello");
    expect(steps).toEqual(["asking", "starting", "answering"]);
    await launcher.remove("environment:", target.container, false);
    expect(await own.list()).toEqual([]);
    expect(await desktops.find(desktop)).toBeUndefined();
    expect(await real.docker("volume", "ls", "--quiet", "--filter", `name=${chosen.home}`)).toBe(chosen.home);
    // The same home again: nothing of it is new, and it is still the launcher's own.
    await launched(chosen);
    const [again] = await own.list();
    await launcher.remove("environment:", again?.id ?? "", true);
    expect(await real.docker("volume", "ls", "--quiet", "--filter", `name=${chosen.home}`)).toBe("");
  });

  test("that someone else made is looked at and connected to, and never touched, nor is its volume", async () => {
    const volume = await real.volume(image);
    const flags = [
      "--volume",
      `${volume}:/home/user`,
      "--env",
      `BASIC_AUTH_PASSWORD=${PASSWORD}`,
      "--label",
      `${OWN_LABEL}=another-installation`,
    ];
    const other = await real.run({ image, flags });
    const own = await launcher.own("environment:");
    expect(await own.list()).toEqual([]);
    for (const call of [
      () => own.start(other.id),
      () => own.stop(other.id),
      () => own.remove(other.id, true),
      () => own.log(other.id),
      () => own.stats(other.id),
      () => launcher.connect("environment:", other.id),
    ]) {
      expect((await failureOf(call())).reason).toBe("notOurs");
    }
    await other.untilReady();
    const target = { kind: "container", engine: "environment:", container: other.id } as const;
    const open = await route().open(target, () => undefined, signal);
    // Whoever connects is asked for the password: it is not the launcher's to read.
    expect(open).toMatchObject({ url: other.url });
    expect(open.password).toBeUndefined();
    expect(await other.isRunning()).toBe(true);
    await other.stop();
    expect(await failureOf(route().open(target, () => undefined, signal))).toMatchObject({
      reason: "containerStopped",
    });
    expect(await other.isRunning()).toBe(false);
    await other.close();
    // A home that was there before is used, and stays whatever is asked.
    const chosen = await form({ home: volume });
    await launched(chosen);
    const [container] = await own.list();
    expect(container).toMatchObject({ volume, ownVolume: false });
    await launcher.remove("environment:", container?.id ?? "", true);
    expect(await real.docker("volume", "ls", "--quiet", "--filter", `name=${volume}`)).toBe(volume);
  });

  test("is taken back whole when that is cancelled while it starts", async () => {
    const chosen = await form();
    states = [];
    launcher.launch(chosen);
    await until("it has started", () => launcher.state?.stage === "health", { limitMs: 60_000 });
    expect(() => launcher.launch(chosen)).toThrow(/busy/);
    await launcher.cancel();
    expect(launcher.state).toMatchObject({ stage: "failed", failure: { reason: "cancelled" } });
    expect(await real.docker("ps", "--all", "--quiet", "--filter", `name=${chosen.name}`)).toBe("");
    expect(await desktops.list()).not.toContainEqual(expect.objectContaining({ name: chosen.name }));
  });

  test("whose port or name is taken says so, and leaves nothing", async () => {
    const taken = await real.run({
      image: "debian:trixie-slim",
      args: ["sleep", "600"],
      flags: ["--name", `egl-taken-${process.pid}`],
    });
    const chosen = await form({ port: taken.port });
    expect((await launched(chosen)).failure).toMatchObject({
      reason: "portTaken",
      parameters: { port: String(taken.port) },
    });
    expect(await real.docker("ps", "--all", "--quiet", "--filter", `name=${chosen.name}`)).toBe("");
    expect(await real.docker("volume", "ls", "--quiet", "--filter", `name=${chosen.home}`)).toBe("");
    const name = `egl-taken-${process.pid}`;
    expect((await launched(await form({ name }))).failure).toMatchObject({ reason: "nameTaken", parameters: { name } });
    expect(await taken.isRunning()).toBe(true);
    const { names: known, ports } = await (await engines.open("environment:")).occupied();
    expect(known).toContain(name);
    expect(ports).toContain(taken.port);
    await taken.close();
  });

  test("that ends at once is told with its exit code and last words, and stays to be looked at", async () => {
    const chosen = await form();
    const faulty = {
      ...chosen,
      image: await faultyImage(
        "exit",
        'ENTRYPOINT ["sh", "-c", "echo the disk is on fire, $BASIC_AUTH_PASSWORD >&2; exit 3"]',
      ),
    };
    const state = await launched(faulty);
    expect(state).toMatchObject({
      stage: "failed",
      failure: { reason: "containerExited", parameters: { name: chosen.name, code: "3" } },
    });
    expect(state.log).toContain("the disk is on fire, ••••••••");
    const own = await launcher.own("environment:");
    const [container] = await own.list();
    expect(container).toMatchObject({ name: chosen.name, state: "stopped" });
    expect(await own.log(container?.id ?? "")).toContain("the disk is on fire, ••••••••");
  });

  test("of an image that is no desktop says so", async () => {
    const chosen = await form({
      image: await faultyImage("foreign", 'ENTRYPOINT ["sleep", "600"]', "debian:trixie-slim"),
    });
    expect((await launched(chosen)).failure).toMatchObject({
      reason: "imageForeign",
      parameters: { image: chosen.image },
    });
  });

  test.each(["nvidia", "dri", "wsl"] as const)(
    "with a GPU by %s, which is not there, says so and leaves nothing",
    async (gpu) => {
      const chosen = await form({ gpu });
      expect((await launched(chosen)).failure?.reason).toBe("gpuUnavailable");
      expect(await real.docker("ps", "--all", "--quiet", "--filter", `name=${chosen.name}`)).toBe("");
    },
  );

  test("in which nvidia-smi answers is shown with its GPU", async () => {
    const query = "echo 30, 2048, 8192; echo 50, 1024, 8192";
    const labels = { [OWN_LABEL]: (await store.read()).installation };
    const chosen = await form({
      home: "",
      image: await faultyImage(
        "smi",
        `USER 0\nRUN printf '#!/bin/sh\\n${query}\\n' >/usr/bin/nvidia-smi && chmod +x /usr/bin/nvidia-smi\nENTRYPOINT ["sleep", "600"]`,
        "debian:trixie-slim",
      ),
    });
    const opened = await engines.open("environment:");
    const id = await opened.create(chosen.name, createOptions(planOf(chosen, { engineKind: "docker" }), labels));
    await opened.start(id);
    const { gpu } = await (await launcher.own("environment:")).stats(id);
    expect(gpu).toEqual({ percent: 40, memoryBytes: 3072 * 1024 ** 2, memoryTotalBytes: 16384 * 1024 ** 2 });
  });

  describe("by the command line or the Compose file that is shown", () => {
    const KEPT = ["Env", "Image", "ExposedPorts", "StopTimeout", "Entrypoint", "Cmd", "User"];
    const OF_HOST = [
      "Binds",
      "PortBindings",
      "Tmpfs",
      "ReadonlyRootfs",
      "CapDrop",
      "SecurityOpt",
      "PidsLimit",
      "ShmSize",
      "Memory",
      "NanoCpus",
      "Devices",
      "GroupAdd",
      "DeviceRequests",
      "RestartPolicy",
      "Privileged",
      "CapAdd",
    ];

    /** What makes a container what it is, however it was made. */
    async function describeContainer(container: string): Promise<Record<string, unknown>> {
      const [found] = JSON.parse(await real.docker("inspect", container)) as [
        { Config: Record<string, unknown>; HostConfig: Record<string, unknown>; Mounts: Record<string, unknown>[] },
      ];
      const empty = (value: unknown) =>
        value === null || value === undefined || (typeof value === "object" && Object.keys(value).length === 0)
          ? null
          : value;
      const sorted = (value: unknown) =>
        Array.isArray(value)
          ? [...(value as unknown[])].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
          : value;
      const pick = (from: Record<string, unknown>, wanted: readonly string[]) =>
        Object.fromEntries(wanted.map((name) => [name, sorted(empty(from[name]))]));
      const { Binds: _binds, ...host } = pick(found.HostConfig, OF_HOST);
      const mounts = found.Mounts.map(({ Type, Name, Source, Destination, RW }) => ({
        Type,
        from: Name ?? Source,
        Destination,
        RW,
      }));
      // An empty object and none are the same to the engine.
      return JSON.parse(
        JSON.stringify({ ...pick(found.Config, KEPT), ...host, mounts: sorted(mounts) }).replaceAll(
          '"Options":{}',
          '"Options":null',
        ),
      ) as Record<string, unknown>;
    }

    const FORMS: readonly (readonly [string, Partial<LaunchForm>])[] = [
      ["software", { memoryGib: 1.5, cpus: 1.5, restart: true, language: "de_DE.UTF-8", timeZone: "Europe/Berlin" }],
      ["every NVIDIA GPU, open to the network", { gpu: "nvidia", reach: "network", publicAddress: "192.0.2.7" }],
      ["one NVIDIA GPU, without a home", { gpu: "nvidia", gpuDevice: "GPU-6f1d5bd2", home: "" }],
      ["/dev/dri", { gpu: "dri" }],
      ["WSL", { gpu: "wsl" }],
    ];

    test.each(FORMS)("is the same container: %s", async (_, own) => {
      const chosen = await form(own);
      const plan = planOf(chosen, { engineKind: "docker", renderGroup: 44 });
      const opened = await engines.open("environment:");
      // They are made, and not started: this machine has no GPU to start them with.
      const made = await opened.create(
        `${chosen.name}-api`,
        createOptions({ ...plan, name: `${chosen.name}-api` }, { [OWN_LABEL]: (await store.read()).installation }),
      );
      const line = runLine({ ...plan, name: `${chosen.name}-line` }).replace(
        "docker run --detach",
        "/usr/bin/docker create",
      );
      execFileSync("sh", ["-c", line], { env: { ...real.env, BASIC_AUTH_PASSWORD: PASSWORD }, stdio: "pipe" });
      const byApi = await describeContainer(made);
      expect(await describeContainer(`${chosen.name}-line`)).toEqual(byApi);
      await real.docker("rm", "--force", `${chosen.name}-line`, made);

      const file = join(folder, "compose.yaml");
      const composed = { ...plan, name: `${chosen.name}-compose` };
      writeFileSync(file, composeFile(composed));
      const operator = await Operator.open(real);
      const options = { engine: true, folders: [folder], env: { BASIC_AUTH_PASSWORD: PASSWORD } };
      await operator.run(["docker-compose", "-p", composed.name, "-f", file, "create", "--no-build"], options);
      const byCompose = await describeContainer(composed.name);
      await operator.run(["docker-compose", "-p", composed.name, "-f", file, "down", "--volumes"], options);
      expect(byCompose).toEqual(byApi);
    });

    test("has no password: who starts it gives one, and is asked for it", async () => {
      const plan = planOf(await form(), { engineKind: "docker" });
      expect(runLine(plan) + composeFile(plan)).not.toContain(PASSWORD);
      writeFileSync(join(folder, "bare.yaml"), composeFile(plan));
      const refused = await (await Operator.open(real)).try(
        ["docker-compose", "-f", join(folder, "bare.yaml"), "config"],
        { folders: [folder] },
      );
      expect(refused.status).not.toBe(0);
      expect(refused.stderr).toContain("set a password");
    });
  });

  /** The image with another beginning, or with what a test wants in it. */
  async function faultyImage(name: string, lines: string, from = "eglantine:desktop"): Promise<string> {
    const context = mkdtempSync(join(tmpdir(), "egl-image-"));
    writeFileSync(join(context, "Dockerfile"), `FROM ${from}\n${lines}\n`);
    try {
      await real.build(`eglantine-test:launch-${name}`, [], { context });
    } finally {
      rmSync(context, { recursive: true });
    }
    return `eglantine-test:launch-${name}`;
  }
});
