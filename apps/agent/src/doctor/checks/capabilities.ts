// Check: the capabilities that the agent has, or a program of the desktop could gain. It needs none.

import { type ProcessStatus, readProcessStatus } from "../proc-status.ts";
import { readText, type RuntimeName, wayFor } from "../runtime.ts";
import type { Check, Finding } from "../types.ts";

export const capabilities: Check = {
  name: "capabilities",
  group: "container",
  title: "Capabilities",
  doc: "Effective and bounding capabilities, decoded. Nothing here needs any.",
  limitMs: 2000,
  run: (place) =>
    Promise.resolve(judgeCapabilities(place.runtime.name, readProcessStatus(readText("/proc/self/status")))),
};

/** With one of these a container's wall is paper. */
const DANGEROUS = new Set([
  "SYS_ADMIN",
  "SYS_MODULE",
  "SYS_RAWIO",
  "SYS_PTRACE",
  "SYS_BOOT",
  "NET_ADMIN",
  "DAC_READ_SEARCH",
  "MAC_ADMIN",
  "BPF",
  "PERFMON",
]);

export function judgeCapabilities(runtime: RuntimeName, { effective, bounding }: ProcessStatus): Finding {
  const list = (names: readonly string[]) => (names.length === 0 ? "none" : names.join(" "));
  const details = [`effective: ${list(effective)}`, `bounding: ${list(bounding)}`];
  const seen = `${effective.length} effective, ${bounding.length} in the bounding set`;
  if (runtime === "none") {
    return { verdict: "skip", seen, means: "This is no container: capabilities are its user's", details };
  }
  if (effective.length === 0 && bounding.length === 0) {
    return { verdict: "pass", seen, means: "No program here can have any, which is all that is needed", details };
  }
  const fix = wayFor(runtime, {
    docker: "--cap-drop ALL",
    kubernetes: "securityContext: { capabilities: { drop: [ALL] } }",
    apptainer: "apptainer run --drop-caps all",
    plain: "",
  });
  const dangerous = [...new Set([...effective, ...bounding])].filter((name) => DANGEROUS.has(name));
  if (dangerous.length > 0) {
    const means = `${dangerous.join(", ")} let${dangerous.length === 1 ? "s" : ""} a program out of the container`;
    return { verdict: "warn", seen, means, fix, details };
  }
  if (effective.length > 0) {
    return { verdict: "warn", seen, means: "More rights than anything here needs", fix, details };
  }
  return { verdict: "pass", seen, means: "The desktop has none; setuid programs could still gain some", fix, details };
}
