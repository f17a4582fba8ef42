// The doctor in containers of the image, before a desktop runs and beside one: what each flag of `docker run` makes of its verdicts.

import type { doctorReport } from "@eglantine/protocol/doctor";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BUILD_WITHIN_MS, Engine, type RunOptions, type Target } from "./engine.ts";

type Report = ReturnType<typeof doctorReport>;

const CONFINED = "--read-only --cap-drop ALL --security-opt no-new-privileges --tmpfs /tmp".split(" ");
const ROOM = ["--shm-size", "1g"];

const engine = await Engine.open();
const images = new Map<Target, string>();
afterAll(() => engine?.close());

const docker = (): Engine => {
  if (engine === undefined) throw new Error("no engine");
  return engine;
};

function verdictsOf(stdout: string): {
  readonly report: Report;
  readonly check: (name: string) => Report["checks"][number];
} {
  const report = JSON.parse(stdout) as Report;
  return {
    report,
    check: (name) => {
      const found = report.checks.find((check) => check.name === name);
      if (found === undefined) throw new Error(`no row ${name}`);
      return found;
    },
  };
}

async function examine(target: Target, flags: readonly string[], more: Partial<RunOptions> = {}) {
  const image = images.get(target) ?? "";
  const done = await docker().once({ image, flags, args: ["doctor", "--json", "--no-measure"], ...more });
  if (done.stdout === "") throw new Error(`no report: ${done.stderr}`);
  return { ...verdictsOf(done.stdout), status: done.status };
}

describe.skipIf(engine === undefined)("the doctor in a container", () => {
  beforeAll(async () => {
    for (const target of ["headless", "desktop"] as const) images.set(target, await docker().image(target));
  }, BUILD_WITHIN_MS);

  test("without any right and with room everything but the GPU is as it should be", async () => {
    const home = await docker().volume(images.get("desktop") ?? "", { uid: 1000, gid: 1000 });
    const { report, status, check } = await examine("desktop", [
      ...CONFINED,
      ...ROOM,
      "--volume",
      `${home}:/home/user`,
    ]);
    expect(check("runtime")).toMatchObject({
      verdict: "pass",
      seen: expect.stringMatching(/^Docker; user 1000.*read-only$/) as string,
    });
    for (const name of [
      "confinement",
      "capabilities",
      "shared-memory",
      "disk",
      "home-volume",
      "encoders",
      "gamepads",
      "fonts",
      "locale",
      "port-tcp",
      "port-udp",
    ]) {
      expect(`${name} ${check(name).verdict} ${check(name).seen}`).toMatch(new RegExp(`^${name} pass`));
    }
    expect(report.checks.filter(({ verdict }) => verdict === "fail")).toEqual([]);
    expect(status).toBe(0);
  });

  test("Docker's own 64 MB of shared memory fail, with the flag", async () => {
    const { status, check } = await examine("desktop", [...CONFINED, "--shm-size=64m"]);
    expect(check("shared-memory")).toMatchObject({ verdict: "fail", fix: "docker run --shm-size=1g" });
    expect(check("shared-memory").seen).toMatch(/^\/dev\/shm holds 64 MiB/);
    expect(status).toBe(1);
  });

  test("root with Docker's own capabilities is warned about, flag by flag", async () => {
    const { check } = await examine("desktop", [...ROOM, "--user", "0"]);
    expect(check("runtime")).toMatchObject({ verdict: "warn", fix: "docker run --user 1000:1000" });
    expect(check("capabilities")).toMatchObject({ verdict: "warn", fix: "docker run --cap-drop ALL" });
    expect(check("capabilities").details[0]).toMatch(/^effective: CHOWN /);
    expect(check("confinement")).toMatchObject({ verdict: "warn", fix: "docker run --security-opt no-new-privileges" });
    expect(check("home-volume")).toMatchObject({
      verdict: "warn",
      fix: expect.stringMatching(/^docker run -v eglantine-home:/) as string,
    });
  });

  test("a folder for temporary files that can't be written to fails, with the flag", async () => {
    const { status, check } = await examine("desktop", ["--read-only", ...ROOM]);
    expect(check("disk")).toMatchObject({ verdict: "fail" });
    expect(check("disk").details).toContainEqual(
      expect.stringMatching(/^temporary files \(\/tmp\) can't be written to \(EROFS\)/),
    );
    expect(status).toBe(1);
  });

  test("a time zone and a locale that are not there are told", async () => {
    const { check } = await examine("desktop", [...CONFINED, ...ROOM], {
      env: { TZ: "Europe/Berlyn", LANG: "xx_XX.UTF-8" },
    });
    expect(check("time-zone").verdict).toBe("warn");
    expect(check("locale")).toMatchObject({ verdict: "warn", seen: "xx_XX.UTF-8 is not installed" });
  });

  test("the image without a desktop has its EGL, Vulkan and encoders, and no screen to look at", async () => {
    const { check } = await examine("headless", [...CONFINED, ...ROOM]);
    expect(check("egl").verdict).not.toBe("skip");
    expect(check("egl").verdict).not.toBe("fail");
    expect(check("vulkan").details.length).toBeGreaterThan(0);
    expect(check("x-server").verdict).toBe("skip");
  });

  test("what is measured has figures of EGL, Vulkan and an encoder", async () => {
    const { check } = await examine("desktop", [...CONFINED, ...ROOM], {
      args: ["doctor", "--json", "--only", "measured"],
    });
    expect(check("gl-scene").figures["framesPerSecond"]).toBeGreaterThan(0);
    expect(check("gl-scene").figures["softwareFramesPerSecond"]).toBeGreaterThan(0);
    expect(check("vulkan-scene").figures["framesPerSecond"]).toBeGreaterThan(0);
    expect(check("encoder-time").figures["encodeMs"]).toBeGreaterThan(0);
  });

  test("beside a desktop that runs it looks at that one", async () => {
    const flags = [...CONFINED, ...ROOM];
    const container = await docker().run({
      image: images.get("desktop") ?? "",
      flags,
      env: { EGLANTINE_DESKTOP: "sleep 1000" },
    });
    await container.untilReady();
    const { check } = verdictsOf((await container.tryExec(["eglantine", "doctor", "--json", "--no-measure"])).stdout);
    for (const name of ["x-server", "rfb-socket", "sound-server", "gamepads", "port-tcp", "port-udp"]) {
      expect(`${name} ${check(name).verdict} ${check(name).seen}`).toMatch(new RegExp(`^${name} pass`));
    }
    expect(check("glx").verdict).not.toBe("skip");
    expect(check("port-tcp").seen).toMatch(/an agent's that answers$/);
  });
});
