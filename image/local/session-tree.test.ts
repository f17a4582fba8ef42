// Ending a session at once: what belongs to it goes, however far it has got away, and nothing else.

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isAlive, signalAll } from "../../test/harness/processes.ts";
import { until } from "../../test/harness/until.ts";
import { killSession } from "./session-tree.mjs";

let folder: string;
const started: number[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "egl-"));
});
afterEach(() => {
  signalAll(started.splice(0), "SIGKILL");
  rmSync(folder, { recursive: true });
});

/** A shell that notes its process id in `name` and sleeps, deaf to SIGTERM. */
const sleeper = (name: string) => `sh -c "trap : TERM; echo \\$\\$ > ${folder}/${name}; while :; do sleep 0.1; done"`;

async function pidIn(name: string): Promise<number> {
  const file = join(folder, name);
  await until(name, () => existsSync(file) && readFileSync(file, "utf8").endsWith("\n"));
  const pid = Number(readFileSync(file, "utf8"));
  started.push(pid);
  return pid;
}

test("children without the environment and orphans with it are killed, another session's are not", async () => {
  const env = { ...process.env, EGLANTINE_RUN_DIR: join(folder, "run") };
  const script = `env -u EGLANTINE_RUN_DIR setsid ${sleeper("child")} & setsid -f ${sleeper("orphan")}; wait`;
  const root = spawn("sh", ["-c", script], { env, stdio: "ignore", detached: true });
  const other = spawn("sh", ["-c", sleeper("other")], {
    env: { ...env, EGLANTINE_RUN_DIR: join(folder, "run2") },
    stdio: "ignore",
  });
  started.push(root.pid ?? 0, other.pid ?? 0);
  const mine = [root.pid ?? 0, await pidIn("child"), await pidIn("orphan")];
  const foreign = await pidIn("other");
  await killSession(root.pid ?? 0, join(folder, "run"));
  expect(mine.map(isAlive)).toEqual([false, false, false]);
  expect(isAlive(foreign)).toBe(true);
});
