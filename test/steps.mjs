// The steps that `pnpm check` (check.mjs) and `npm test` (run.mjs) are made of. Each step is one command; Vitest's
// counts its tests, any other counts as one.

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { electronFolder } from "../image/local/electron.mjs";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The tree's own Node 24 and the workspace's tools come first. */
const PATH = [join(ROOT, ".tools/node_modules/.bin"), join(ROOT, "node_modules/.bin"), process.env.PATH].join(
  delimiter,
);
const OUTPUT = join(ROOT, "test/output");

/** One tsconfig an environment: what a file may use follows from its path. */
const ENVIRONMENTS = [
  "packages/protocol",
  "apps/agent/src",
  "apps/agent/src/congestion",
  "apps/agent/packaging",
  "apps/client/packaging",
  "apps/client/src/shared",
  "apps/client/src/preload",
  "apps/client/src/main",
  "apps/client/src/renderer",
  "apps/client/src/renderer/decode",
  "apps/client/src/renderer/playout",
  "image",
  "test",
];

const command = (name, ...argv) => ({ name, argv });

/** Without a running X server or browser; under two minutes. */
export const CHECK_STEPS = [
  command("format", "biome", "format", "."),
  command("lint", "oxlint", "--type-aware"),
  ...ENVIRONMENTS.map((path) => command(`types: ${path}`, "tsc", "-p", path)),
  command("PROTOCOL.md is fresh", "node", "packages/protocol/generate.ts", "--check"),
  command("CONFIGURATION.md is fresh", "node", "apps/agent/generate.ts", "--check"),
  command("no dead code", "knip", "--no-progress"),
  { name: "unit tests", project: "unit" },
];

/** Real X servers, sessions and Chromium; and the application in Electron, where its runtime is. */
export const SYSTEM_STEPS = [
  { name: "system tests", project: "system" },
  { name: "the application in Electron", project: "electron", refusal: electronRefusal },
];

/** Why its tests are not run; undefined if they are. */
export function electronRefusal(env = process.env) {
  return electronFolder(ROOT, env) === undefined
    ? "Electron's runtime is not here (ELECTRON_OVERRIDE_DIST_PATH names the folder of one)"
    : undefined;
}

/**
 * Runs the steps in order, all of them even when one fails.
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
export function runSteps(steps) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const step of steps) {
    const refusal = step.refusal?.();
    process.stdout.write(`\n== ${step.name}${refusal === undefined ? "" : `: NOT RUN: ${refusal}`}\n`);
    if (refusal !== undefined) continue;
    const counts = step.project === undefined ? runCommand(step.argv) : runVitest(step.project);
    if (counts.failed > 0) process.stdout.write(`== ${step.name}: FAILED\n`);
    for (const key of Object.keys(total)) total[key] += counts[key];
  }
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  return total;
}

function spawn(argv) {
  const [file, ...args] = argv;
  const result = spawnSync(file, args, { cwd: ROOT, stdio: "inherit", env: { ...process.env, PATH } });
  if (result.error !== undefined) process.stdout.write(`${file}: ${result.error.message}\n`);
  return result.status === 0;
}

function runCommand(argv) {
  return spawn(argv) ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

/** A run that leaves no report, or ends badly although no test failed, counts as one failure. */
function runVitest(project) {
  mkdirSync(OUTPUT, { recursive: true });
  const report = join(OUTPUT, `${project}.json`);
  rmSync(report, { force: true });
  const fine = spawn([
    "vitest",
    "run",
    `--project=${project}`,
    "--reporter=verbose",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ]);
  try {
    const json = JSON.parse(readFileSync(report, "utf8"));
    const failed = json.numFailedTests + json.testResults.filter(brokeOutsideATest).length;
    return {
      passed: json.numPassedTests,
      failed: fine ? failed : Math.max(1, failed),
      skipped: json.numPendingTests + json.numTodoTests,
    };
  } catch (error) {
    process.stdout.write(`no report of the ${project} tests: ${error.message}\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function brokeOutsideATest(file) {
  return file.status === "failed" && !file.assertionResults.some(({ status }) => status === "failed");
}
