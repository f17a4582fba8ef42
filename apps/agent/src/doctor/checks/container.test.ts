// The checks of the group "container": runtime.ts, confinement.ts, capabilities.ts.

import { expect, test } from "vitest";
import type { ProcessStatus } from "../proc-status.ts";
import type { Runtime } from "../runtime.ts";
import { judgeCapabilities } from "./capabilities.ts";
import { judgeConfinement } from "./confinement.ts";
import { judgeRuntime } from "./runtime.ts";

const RUNTIME: Runtime = { name: "docker", readOnlyRoot: true, wsl: false, uid: 1000, gid: 1000, groups: [1000, 44] };
const HELD: ProcessStatus = { effective: [], bounding: [], noNewPrivs: true, seccomp: "filter" };

test("an ordinary user in a read-only container is as it should be", () => {
  expect(judgeRuntime(RUNTIME)).toMatchObject({
    verdict: "pass",
    seen: "Docker; user 1000, group 1000 and 44; root file system read-only",
  });
});

test("root is warned about, with the runtime's own flag", () => {
  expect(judgeRuntime({ ...RUNTIME, uid: 0 })).toMatchObject({ verdict: "warn", fix: "docker run --user 1000:1000" });
  expect(judgeRuntime({ ...RUNTIME, uid: 0, name: "kubernetes" }).fix).toMatch(/runAsNonRoot: true/);
});

test("a container that holds its programs passes, each hole is named with its flag", () => {
  expect(judgeConfinement("docker", HELD).verdict).toBe("pass");
  expect(judgeConfinement("docker", { ...HELD, noNewPrivs: false })).toMatchObject({
    verdict: "warn",
    fix: "docker run --security-opt no-new-privileges",
  });
  expect(judgeConfinement("podman", { ...HELD, seccomp: "off" })).toMatchObject({
    verdict: "warn",
    means: "Every system call is allowed; nothing here needs that",
    fix: "podman run without --privileged and --security-opt seccomp=unconfined",
  });
});

test("outside a container there is nothing to hold", () => {
  expect(judgeConfinement("none", { ...HELD, seccomp: "off" }).verdict).toBe("skip");
  expect(judgeCapabilities("none", { ...HELD, effective: ["SYS_ADMIN"] }).verdict).toBe("skip");
});

test("no capability passes, any is too many, a dangerous one is named", () => {
  expect(judgeCapabilities("docker", HELD).verdict).toBe("pass");
  expect(judgeCapabilities("docker", { ...HELD, effective: ["CHOWN"], bounding: ["CHOWN"] })).toMatchObject({
    verdict: "warn",
    fix: "docker run --cap-drop ALL",
  });
  const means = "SYS_ADMIN, SYS_PTRACE let a program out of the container";
  expect(judgeCapabilities("docker", { ...HELD, bounding: ["SYS_ADMIN", "SYS_PTRACE"] })).toMatchObject({ means });
  // What only a setuid program could gain is told, and no reason to worry.
  expect(judgeCapabilities("docker", { ...HELD, bounding: ["CHOWN"] })).toMatchObject({
    verdict: "pass",
    fix: "docker run --cap-drop ALL",
  });
});
