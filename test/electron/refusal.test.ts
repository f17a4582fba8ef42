// `npm test` says in one line that the application was not run in Electron, where its runtime is not, and goes on.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { electronFolder } from "../../image/local/electron.mjs";

const STEPS = fileURLToPath(new URL("../steps.mjs", import.meta.url));

test.skipIf(electronFolder(fileURLToPath(new URL("../..", import.meta.url)), {}) !== undefined)(
  "without a runtime one line says so, and nothing counts as run (skipped: Electron's runtime is installed)",
  () => {
    const script = `const { runSteps, SYSTEM_STEPS } = await import(${JSON.stringify(STEPS)}); runSteps(SYSTEM_STEPS.slice(1));`;
    const { ELECTRON_OVERRIDE_DIST_PATH: _folder, ...env } = process.env;
    const said = execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8", env });
    expect(said.trim().split(/\n+/)).toEqual([
      expect.stringMatching(/^== the application in Electron: NOT RUN: .*ELECTRON_OVERRIDE_DIST_PATH/),
      "0 passed, 0 failed, 0 skipped",
    ]);
  },
);

test("a runtime is a folder with Electron's program in it, the one that is named before the one that is installed", () => {
  const root = mkdtempSync(join(tmpdir(), "eglantine-runtime-"));
  try {
    const [named, installed] = [join(root, "named"), join(root, "apps/client/node_modules/electron/dist")];
    const find = () => electronFolder(root, { ELECTRON_OVERRIDE_DIST_PATH: named });
    for (const folder of [named, installed]) mkdirSync(folder, { recursive: true });
    expect(find()).toBeUndefined();
    writeFileSync(join(installed, "electron"), "");
    expect(find()).toBe(installed);
    writeFileSync(join(named, "electron"), "");
    expect(find()).toBe(named);
  } finally {
    rmSync(root, { recursive: true });
  }
});
