// Whether a build step's inputs are what they were when it last succeeded. install.mjs asks before each step and writes after it.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";

const PRODUCED = new Set(["node_modules", "dist", "build", "coverage", ".git"]);

/**
 * @param {string} path file or folder
 * @param {(file: string, size: number, mtimeMs: number) => void} visit
 */
function walk(path, visit) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isDirectory()) {
    visit(path, stat.size, stat.mtimeMs);
    return;
  }
  for (const entry of readdirSync(path).sort()) if (!PRODUCED.has(entry)) walk(join(path, entry), visit);
}

/**
 * A digest of the names, sizes and times of all files under the inputs; folders that a build produces are left out.
 * @param {string} root
 * @param {readonly string[]} inputs paths relative to root; absent ones count as empty
 * @returns {string} hex
 */
export function digestOf(root, inputs) {
  const hash = createHash("sha256");
  for (const input of inputs) {
    hash.update(`#${input}\n`);
    walk(join(root, input), (file, size, mtimeMs) => {
      hash.update(`${relative(root, file).split(sep).join("/")} ${size} ${mtimeMs}\n`);
    });
  }
  return hash.digest("hex");
}

/**
 * True when the step may be skipped: its outputs are there and its inputs are as the stamp says.
 * @param {{ root: string, stampFile: string, inputs: readonly string[], outputs: readonly string[] }} step
 */
export function isFresh({ root, stampFile, inputs, outputs }) {
  if (!existsSync(stampFile) || !outputs.every((output) => existsSync(join(root, output)))) return false;
  return readFileSync(stampFile, "utf8") === digestOf(root, inputs);
}

/** @param {{ root: string, stampFile: string, inputs: readonly string[] }} step */
export function writeStamp({ root, stampFile, inputs }) {
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, digestOf(root, inputs));
}
