// Node 24 and pnpm in the tree's own .tools, from npm packages that carry the binaries and run no install scripts. Called by install.mjs.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename, delimiter, join } from "node:path";
import { InstallError } from "./packages.mjs";

const NODE_VERSION = "24.21.0";
const PNPM_VERSION = "12.20.0";

/** @param {string} folder of an installed npm package */
function versionOf(folder) {
  const file = join(folder, "package.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).version : undefined;
}

/** The npm that started this script, or the one on PATH. @returns {string[]} argument vector */
function npmHere() {
  const path = process.env["npm_execpath"];
  return path !== undefined && basename(path) === "npm-cli.js" ? [process.execPath, path] : ["npm"];
}

/**
 * Makes sure of both and says where they are.
 * @param {string} root of the source tree
 * @param {(line: string) => void} say
 * @returns {{ node: string, pnpm: string, env: NodeJS.ProcessEnv }} absolute paths; an environment whose PATH finds them first
 */
export function installTools(root, say) {
  const { arch } = process;
  if (arch !== "x64" && arch !== "arm64")
    throw new InstallError(`No Node and pnpm packages for ${arch}: x64 and arm64 only.`);
  const tools = join(root, ".tools");
  const nodePackage = join(tools, "node_modules", `node-linux-${arch}`);
  const pnpmPackage = join(tools, "node_modules", "@pnpm", `exe.linux-${arch}`);
  if (versionOf(nodePackage) !== NODE_VERSION || versionOf(pnpmPackage) !== PNPM_VERSION) {
    say(`Tools: Node ${NODE_VERSION} and pnpm ${PNPM_VERSION} into .tools`);
    mkdirSync(tools, { recursive: true });
    const [command, ...before] = npmHere();
    const packages = [`node-linux-${arch}@${NODE_VERSION}`, `@pnpm/exe.linux-${arch}@${PNPM_VERSION}`];
    const args = [
      "install",
      "--prefix",
      tools,
      "--no-save",
      "--no-package-lock",
      "--no-audit",
      "--no-fund",
      ...packages,
    ];
    const done = spawnSync(command ?? "npm", [...before, ...args], { cwd: tools, encoding: "utf8" });
    if (done.error !== undefined) throw new InstallError(`npm could not be started: ${done.error.message}`);
    if (done.status !== 0) throw new InstallError(`npm could not install Node and pnpm:\n${done.stderr.trim()}`);
  }
  const bin = join(nodePackage, "bin");
  const path = [bin, pnpmPackage, join(root, "node_modules", ".bin"), process.env["PATH"] ?? ""].join(delimiter);
  return { node: join(bin, "node"), pnpm: join(pnpmPackage, "pnpm"), env: { ...process.env, PATH: path } };
}
