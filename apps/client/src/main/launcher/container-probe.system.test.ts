// What the card of a desktop in a container says of a real Docker engine's containers, from their start to their end and that of the engine.

import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HealthProbe } from "../desktops/probe.ts";
import { probeContainer } from "./container-probe.ts";
import { Engines } from "./engines.ts";
import { makeLittleDesktop } from "./testing/little-desktop.ts";
import { SmallEngine, whyNoEngine } from "./testing/small-engine.ts";

const why = whyNoEngine();
if (why !== undefined) console.log(`skipped: the cards of containers (${why})`);

describe.skipIf(why !== undefined)("the card of a container", () => {
  let small: SmallEngine;
  const health = new HealthProbe();

  beforeAll(async () => {
    small = await SmallEngine.open();
    const root = makeLittleDesktop();
    execFileSync("sh", ["-c", `tar -C '${root}' -c . | docker -H 'unix://${small.socket}' import - little`]);
    rmSync(root, { recursive: true });
  });
  afterAll(async () => {
    health.close();
    await small?.close();
  });

  const docker = (...args: string[]) =>
    execFileSync("docker", ["-H", `unix://${small.socket}`, ...args], { stdio: "pipe", encoding: "utf8" }).trim();
  const run = (name: string, ...options: string[]) =>
    docker("run", "--detach", "--network", "none", "--name", name, ...options, "little", "/bin/sleep", "600");
  const condition = async (container: string) => {
    const engines = new Engines({ platform: "linux", env: {}, home: small.folder, uid: 0 });
    const target = { kind: "container", engine: `unix://${small.socket}`, container } as const;
    return (await probeContainer(target, { engines, health }, new AbortController().signal)).condition;
  };
  const eventually = (container: string) => expect.poll(() => condition(container), { timeout: 30_000 });

  test("says running, stopped and gone", async () => {
    run("plain");
    expect(await condition("plain")).toBe("running");
    docker("pause", "plain");
    expect(await condition("plain")).toBe("failing");
    docker("unpause", "plain");
    docker("kill", "plain");
    await eventually("plain").toBe("stopped");
    docker("rm", "plain");
    expect(await condition("plain")).toBe("gone");
  });

  test("says what the image's own check has found", async () => {
    const check = (command: string) => ["--health-cmd", command, "--health-interval", "1s", "--health-retries", "1"];
    run("well", ...check("/usr/share/eglantine/supervisor/health"));
    run("ill", ...check("exit 1"));
    run("slow", "--health-cmd", "exit 0", "--health-interval", "600s");
    await eventually("well").toBe("ready");
    await eventually("ill").toBe("failing");
    expect(await condition("slow")).toBe("starting");
  });

  test("says that the engine is away once it has crashed", async () => {
    await small.kill();
    expect(await condition("well")).toBe("engine-away");
  });
});
