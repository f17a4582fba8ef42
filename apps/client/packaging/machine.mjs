// What this machine has: programs on its PATH, and what its processor is called by electron-builder. Used by the other files here.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

export function findProgram(/** @type {string} */ name) {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch (error) {
      if (!(error instanceof Error) || !("code" in error)) throw error;
    }
  }
  return undefined;
}

/** @returns {"x64" | "arm64"} */
export function archName() {
  if (process.arch === "x64" || process.arch === "arm64") return process.arch;
  throw new Error(`no packages are made on ${process.arch}`);
}

/** @returns {import("./stub-runtime.mjs").System | undefined} */
export function ownSystem() {
  return /** @type {const} */ ({ linux: "linux", win32: "win", darwin: "mac" })[
    /** @type {"linux" | "win32" | "darwin"} */ (process.platform)
  ];
}
