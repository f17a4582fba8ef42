// Ends a whole session at once, without asking its programs: for who does not want to wait. Used by start.mjs.
import { readdirSync, readFileSync } from "node:fs";

/** More than programs can start between two looks; a program that does nothing but fork is not waited for. */
const ROUNDS = 20;

/** @param {number} pid @param {"stat" | "environ"} file @returns {string} "" when it has gone or is not ours to read */
function textOf(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch (error) {
    const code = /** @type {NodeJS.ErrnoException} */ (error).code ?? "";
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(code)) return "";
    throw error;
  }
}

/**
 * The session's living processes: its first one, all that descend from it, and those that have left it and still have its run directory
 * in their environment.
 * @param {number} root
 * @param {string} runDir
 * @returns {number[]} the first one first: it would start others anew
 */
function sessionProcesses(root, runDir) {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  /** @type {Set<number>} */
  const living = new Set();
  const roots = [root];
  for (const pid of readdirSync("/proc").map(Number)) {
    if (!(pid > 0) || pid === process.pid) continue;
    const stat = textOf(pid, "stat");
    const [state = "Z", parent = "0"] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (stat === "" || state === "Z" || state === "X") continue;
    living.add(pid);
    children.set(Number(parent), [...(children.get(Number(parent)) ?? []), pid]);
    if (textOf(pid, "environ").split("\0").includes(`EGLANTINE_RUN_DIR=${runDir}`)) roots.push(pid);
  }
  /** @type {Set<number>} */
  const found = new Set(roots);
  for (const pid of found) for (const child of children.get(pid) ?? []) found.add(child);
  return [...found].filter((pid) => living.has(pid));
}

/**
 * SIGKILL to all of them, until none is left.
 * @param {number} root process id of the session
 * @param {string} runDir
 */
export async function killSession(root, runDir) {
  for (let round = 0; round < ROUNDS; round++) {
    const pids = sessionProcesses(root, runDir);
    if (pids.length === 0) return;
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch (error) {
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") throw error;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
