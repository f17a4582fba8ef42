// Check: which container runtime this is, as which user, and whether its root file system can be written to.

import { RUNTIME_NAMES, type Runtime, wayFor } from "../runtime.ts";
import type { Check, Finding } from "../types.ts";

export const runtime: Check = {
  name: "runtime",
  group: "container",
  title: "Container runtime",
  doc: "Docker, Podman, Kubernetes, Apptainer or none; user and groups; whether the root file system is read-only.",
  limitMs: 2000,
  run: (place) => Promise.resolve(judgeRuntime(place.runtime)),
};

export function judgeRuntime({ name, uid, gid, groups, readOnlyRoot, wsl }: Runtime): Finding {
  const others = groups.filter((group) => group !== gid);
  const seen = [
    `${RUNTIME_NAMES[name]}${wsl ? " under WSL" : ""}`,
    `user ${uid}, group ${gid}${others.length === 0 ? "" : ` and ${others.join(", ")}`}`,
    `root file system ${readOnlyRoot ? "read-only" : "writable"}`,
  ].join("; ");
  if (uid !== 0) return { verdict: "pass", seen, means: "The desktop runs as an ordinary user" };
  return {
    verdict: "warn",
    seen,
    means: "Everything on this desktop runs as root, which nothing here needs",
    fix: wayFor(name, {
      docker: "--user 1000:1000",
      kubernetes: "securityContext: { runAsNonRoot: true, runAsUser: 1000 }",
      apptainer: "start the container as an ordinary user",
      plain: "start the session as an ordinary user",
    }),
  };
}
