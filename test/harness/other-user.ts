// Whether what this tree holds can be run under another user id. Asked by the stories that do so (e2e/confinement.test.ts,
// e2e/plasma.test.ts), which say why they don't where it can't.

import { spawnSync } from "node:child_process";
import { AGENT_MAIN } from "./agent.ts";

/** Why not, as a sentence; undefined when it can. */
export function whyNoOtherUser(uid: number): string | undefined {
  if (process.getuid?.() !== 0) return "only root can run the agent under another user id";
  const ids = ["--reuid", `${uid}`, "--regid", `${uid}`, "--clear-groups"];
  const reads = [process.execPath, AGENT_MAIN].every(
    (path) => spawnSync("setpriv", [...ids, "test", "-r", path]).status === 0,
  );
  return reads ? undefined : "another user id can't read this source tree: a folder above it is closed to others";
}
