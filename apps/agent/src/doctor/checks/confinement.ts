// Check: what holds the container's programs back: seccomp and no_new_privs.

import { type ProcessStatus, readProcessStatus } from "../proc-status.ts";
import { readText, type RuntimeName, wayFor } from "../runtime.ts";
import type { Check, Finding } from "../types.ts";

export const confinement: Check = {
  name: "confinement",
  group: "container",
  title: "Confinement",
  doc: "seccomp's filter and no_new_privs, which keep a program from gaining rights. In containers alone.",
  limitMs: 2000,
  run: (place) =>
    Promise.resolve(judgeConfinement(place.runtime.name, readProcessStatus(readText("/proc/self/status")))),
};

export function judgeConfinement(runtime: RuntimeName, { seccomp, noNewPrivs }: ProcessStatus): Finding {
  const seen = `seccomp ${seccomp}, no_new_privs ${noNewPrivs ? "on" : "off"}`;
  if (runtime === "none") {
    return { verdict: "skip", seen, means: "This is no container: its user's own rights are the limit" };
  }
  const lacking = [
    ...(seccomp === "off" ? ["every system call is allowed"] : []),
    ...(noNewPrivs ? [] : ["setuid programs still gain rights"]),
  ];
  if (lacking.length === 0) return { verdict: "pass", seen, means: "Programs can't gain rights" };
  // Docker and Podman put their own filter on by themselves: it is off because a flag says so.
  const docker = [
    ...(noNewPrivs ? [] : ["--security-opt no-new-privileges"]),
    ...(seccomp === "off" ? ["without --privileged and --security-opt seccomp=unconfined"] : []),
  ];
  return {
    verdict: "warn",
    seen,
    means: `${lacking.join(", and ")}; nothing here needs that`.replace(/^./, (letter) => letter.toUpperCase()),
    fix: wayFor(runtime, {
      docker: docker.join(", "),
      kubernetes: "securityContext: { allowPrivilegeEscalation: false, seccompProfile: { type: RuntimeDefault } }",
      apptainer: "apptainer run --no-privs",
      plain: "",
    }),
  };
}
