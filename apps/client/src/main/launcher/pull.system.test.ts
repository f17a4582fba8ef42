// An image on its way from a real registry to a real Docker engine: layers and bytes, a cancelled fetch, and all that goes wrong on the way.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../../../../test/harness/ports.ts";
import { until } from "../../../../../test/harness/until.ts";
import { emptyForm } from "../../shared/launch-form.ts";
import type { LayerProgress } from "../../shared/launcher.ts";
import type { DockerEngine } from "./docker.ts";
import { Engines } from "./engines.ts";
import type { LauncherError } from "./failure.ts";
import { launch } from "./launch.ts";
import { addPullMessage, type Layers } from "./pull-progress.ts";
import { findLogin } from "./registry-login.ts";
import { Registry } from "./testing/registry.ts";
import { SmallEngine, whyNoEngine } from "./testing/small-engine.ts";

const MB = 1_000_000;
const why = whyNoEngine();
if (why !== undefined) console.log(`skipped: what fetches images to a Docker engine (${why})`);

const engines = new Engines({ platform: "linux", env: {}, home: "/nonexistent", uid: 0 });
const failureOf = (call: Promise<unknown>): Promise<LauncherError> =>
  call.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: unknown) => error as LauncherError,
  );

/** Fetches it, and keeps what the layers were at each step. */
async function pull(
  engine: DockerEngine,
  image: string,
  signal = new AbortController().signal,
  login?: Awaited<ReturnType<typeof findLogin>>,
) {
  const steps: (readonly LayerProgress[])[] = [];
  let layers: Layers = new Map();
  await engine.pull(
    image,
    login,
    (message) => {
      layers = addPullMessage(layers, message);
      steps.push([...layers.values()]);
    },
    signal,
  );
  return steps;
}

describe.skipIf(why !== undefined)("an image from a registry", () => {
  let registry: Registry;
  let small: SmallEngine;
  let engine: DockerEngine;

  beforeAll(async () => {
    registry = await Registry.open();
    small = await SmallEngine.open();
    engine = await engines.open(`unix://${small.socket}`);
  });
  afterEach(() => {
    registry.halfway = undefined;
    registry.login = undefined;
  });
  afterAll(async () => {
    await small?.close();
    await registry?.close();
  });

  test("is told layer by layer, to the last byte", async () => {
    const { image, sizes } = registry.add("three", { layersBytes: [3 * MB, 5 * MB, 1 * MB] });
    const steps = await pull(engine, image);
    const last = steps.at(-1) ?? [];
    expect(last.map(({ state }) => state)).toEqual(["done", "done", "done"]);
    expect(last.map(({ currentBytes }) => currentBytes)).toEqual(last.map(({ totalBytes }) => totalBytes));
    // The engine may be quicker than its own reports: a total it never named stays 0.
    for (const { totalBytes } of last) expect([0, ...sizes]).toContain(totalBytes);
    expect(steps.flat().some(({ state, currentBytes }) => state === "downloading" && currentBytes > 0)).toBe(true);
    expect(await engine.image(image)).toMatchObject({ architecture: "amd64" });
  });

  test("is no longer fetched once that is cancelled, and is not there", async () => {
    const { image } = registry.add("cancelled", { layersBytes: [4 * MB] });
    registry.halfway = "hold";
    const abort = new AbortController();
    const failure = failureOf(pull(engine, image, abort.signal));
    await until("the layer is halfway", () => registry.held === 1);
    abort.abort();
    expect((await failure).reason).toBe("cancelled");
    // Whatever the registry still sends it, the engine makes nothing of it any more.
    registry.halfway = undefined;
    registry.release();
    await until("the registry has sent all", () => registry.held === 0);
    expect(await engine.image(image)).toBeUndefined();
    await pull(engine, image);
    expect(await engine.image(image)).toBeDefined();
  });

  test("of a registry that dies in the middle of a layer is told as broken off, and comes whole the next time", async () => {
    const { image } = registry.add("broken", { layersBytes: [4 * MB] });
    registry.halfway = "die";
    expect((await failureOf(pull(engine, image))).failure).toMatchObject({
      reason: "pullBroken",
      parameters: { image },
    });
    registry.halfway = undefined;
    await pull(engine, image);
    expect(await engine.image(image)).toBeDefined();
  });

  test("that is not there, or whose registry is not, is told so", async () => {
    expect((await failureOf(pull(engine, `${registry.host}/none:latest`))).reason).toBe("imageMissing");
    const dead = `127.0.0.1:${await freePort()}/any:latest`;
    expect((await failureOf(pull(engine, dead))).reason).toBe("registryUnreachable");
  });

  test("behind a login is refused without one, and comes with that of the Docker CLI", async () => {
    const { image } = registry.add("private", { layersBytes: [200_000] });
    registry.login = "ada:lovelace-1815";
    const refused = await failureOf(pull(engine, image));
    expect(refused.reason).toBe("imageDenied");
    const folder = mkdtempSync(join(tmpdir(), "egl-login-"));
    const auth = Buffer.from(registry.login).toString("base64");
    writeFileSync(join(folder, "config.json"), JSON.stringify({ auths: { [registry.host]: { auth } } }));
    const login = await findLogin(image, { platform: "linux", env: { DOCKER_CONFIG: folder }, home: "/", uid: 0 });
    rmSync(folder, { recursive: true });
    await pull(engine, image, undefined, login);
    expect(await engine.image(image)).toBeDefined();
  });

  test.each([
    ["in a list of platforms", true],
    ["by itself", false],
  ])("for another architecture, %s, makes no container", async (_, listed) => {
    const { image } = registry.add(`arm-${String(listed)}`, { layersBytes: [200_000], architecture: "arm64", listed });
    const form = { ...emptyForm(), image, name: "arm", password: "not-this-one" };
    const { architecture } = await engine.facts();
    const failure = await failureOf(
      launch(form, {
        engine,
        installation: "test-installation",
        surroundings: { engineKind: "docker" },
        architecture,
        login: undefined,
        told: () => undefined,
        signal: new AbortController().signal,
      }),
    );
    expect(failure.failure).toMatchObject({ reason: "imageArchitecture", parameters: { image } });
    expect((await engine.occupied()).names).toEqual([]);
    expect(await engine.volumeLabels(form.home)).toBeUndefined();
  });
});

describe.skipIf(why !== undefined)("an engine", () => {
  test("that dies in the middle of a layer is told as lost, and its socket as absent from then on", async () => {
    const [registry, small] = [await Registry.open(), await SmallEngine.open()];
    try {
      const engine = await engines.open(`unix://${small.socket}`);
      const { image } = registry.add("orphan", { layersBytes: [4 * MB] });
      registry.halfway = "hold";
      const failure = failureOf(pull(engine, image));
      await until("the layer is halfway", () => registry.held === 1);
      await small.kill();
      expect((await failure).reason).toBe("engineLost");
      expect((await failureOf(engine.facts())).failure).toMatchObject({
        reason: "engineAbsent",
        parameters: { socket: small.socket },
      });
    } finally {
      await small.close();
      await registry.close();
    }
  });

  test("whose disk is full says so, and goes on", async () => {
    const [registry, small] = [await Registry.open(), await SmallEngine.open({ diskBytes: 12 * MB })];
    try {
      const engine = await engines.open(`unix://${small.socket}`);
      const { image } = registry.add("large", { layersBytes: [30 * MB] });
      expect((await failureOf(pull(engine, image))).reason).toBe("diskFull");
      const { image: little } = registry.add("little", { layersBytes: [200_000] });
      await pull(engine, little);
      expect(await engine.image(little)).toBeDefined();
    } finally {
      await small.close();
      await registry.close();
    }
  });

  test("whose socket others may not open is told as denied, with the socket's path", async () => {
    const small = await SmallEngine.open();
    try {
      // Others may enter the folder, but not use the socket.
      chmodSync(small.folder, 0o711);
      const engine = await engines.open(`unix://${small.socket}`);
      process.seteuid?.(65534);
      const failure = await failureOf(engine.facts()).finally(() => process.seteuid?.(0));
      expect(failure.failure).toMatchObject({ reason: "engineDenied", parameters: { socket: small.socket } });
    } finally {
      await small.close();
    }
  });
});
