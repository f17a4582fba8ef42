// From a fresh checkout to something that runs: Debian packages, Node and pnpm, npm packages, the builds. Plain JavaScript for
// any Node from 18, with nothing installed. start.mjs and test/run.mjs call install(); `node image/local/install.mjs [group …]` does it alone.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { InstallError, installPackages } from "./packages.mjs";
import { isFresh, writeStamp } from "./stamp.mjs";
import { installTools } from "./tools.mjs";

export { InstallError };

/** The source tree this file stands in. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const LOCK = ["pnpm-lock.yaml", "pnpm-workspace.yaml"];

/**
 * The steps after the tools, in order: the agent's bundle carries the client's page, so the client comes first.
 * `inputs` and `outputs` are relative to the root; a step is skipped while its outputs exist and its inputs are unchanged.
 */
const STEPS = [
  {
    name: "npm packages",
    inputs: [
      ...LOCK,
      "package.json",
      "apps/agent/package.json",
      "apps/client/package.json",
      "packages/protocol/package.json",
    ],
    outputs: ["node_modules/.modules.yaml", "apps/agent/node_modules", "apps/client/node_modules"],
    command: ["pnpm", "install", "--frozen-lockfile", "--config.confirmModulesPurge=false"],
  },
  {
    name: "native add-on",
    inputs: [...LOCK, "apps/agent/native"],
    outputs: ["apps/agent/native/build/Release/eglantine.node"],
    command: ["node", "apps/agent/native/build.mjs"],
  },
  {
    name: "gamepads",
    inputs: ["image/gamepad"],
    // For both word sizes, where the compiler can.
    outputs: [`image/gamepad/build/lib${process.arch === "x64" ? "/i386-linux-gnu" : ""}`],
    command: ["make", "-C", "image/gamepad"],
  },
  {
    name: "graphics probe",
    inputs: ["image/graphics"],
    outputs: ["image/graphics/build/eglantine-probe"],
    command: ["make", "-C", "image/graphics"],
  },
  {
    name: "client",
    inputs: [...LOCK, "apps/client", "packages/protocol/src"],
    outputs: ["apps/client/dist/renderer/index.html"],
    command: ["pnpm", "--filter", "@eglantine/client", "build"],
  },
  {
    name: "agent",
    inputs: [
      ...LOCK,
      "apps/agent/package.json",
      "apps/agent/build.mjs",
      "apps/agent/src",
      "apps/agent/native",
      "packages/protocol/src",
      "apps/client",
    ],
    outputs: ["apps/agent/dist/main.js", "apps/agent/dist/eglantine.node", "apps/agent/dist/client/index.html"],
    command: ["pnpm", "--filter", "@eglantine/agent", "build"],
  },
];

/**
 * Does whatever of the steps is not done yet; prints a line for each that it does.
 * @param {{ groups?: readonly string[], root?: string, say?: (line: string) => void }} [options] groups of packages.json
 * @returns {{ node: string, env: NodeJS.ProcessEnv }} Node 24, and an environment whose PATH finds it and pnpm first
 * @throws {InstallError} with a text for the user
 */
export function install({
  groups = ["session", "graphics", "build"],
  root = ROOT,
  say = (line) => console.log(line),
} = {}) {
  if (process.env["EGLANTINE_SKIP_PACKAGES"] !== "1") installPackages(groups, say);
  const { node, pnpm, env } = installTools(root, say);
  const programs = new Map([
    ["node", node],
    ["pnpm", pnpm],
  ]);
  for (const step of STEPS) {
    const stamped = { ...step, root, stampFile: join(root, ".tools", "stamps", step.name.replaceAll(" ", "-")) };
    if (isFresh(stamped)) continue;
    const [program = "", ...args] = step.command;
    const startedMs = Date.now();
    say(`${step.name}: ${step.command.join(" ")}`);
    const done = spawnSync(programs.get(program) ?? program, args, {
      cwd: root,
      env,
      encoding: "utf8",
      maxBuffer: 1 << 26,
    });
    if (done.error !== undefined) throw new InstallError(`${step.name}: ${done.error.message}`);
    if (done.status !== 0) {
      throw new InstallError(`${step.name} failed (${step.command.join(" ")}):\n${done.stdout}\n${done.stderr}`.trim());
    }
    writeStamp(stamped);
    say(`${step.name}: done in ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
  }
  return { node, env };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const groups = process.argv.slice(2);
    install(groups.length > 0 ? { groups } : {});
    console.log("Everything is there.");
  } catch (error) {
    if (!(error instanceof InstallError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
