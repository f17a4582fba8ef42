// Where Electron's runtime is, if it can be had, and whether a window can be shown here. Used by start.mjs.
import { existsSync } from "node:fs";
import { join } from "node:path";

/**
 * @param {string} root of the source tree
 * @param {NodeJS.ProcessEnv} env
 * @param {string | undefined} streamedDisplay shown in the client's window, so not a place for that window
 * @returns {{ binary: string } | { why: string }} the program, or why there is none
 */
export function findElectron(root, env, streamedDisplay) {
  const folders = [env["ELECTRON_OVERRIDE_DIST_PATH"], join(root, "apps/client/node_modules/electron/dist")];
  const binary = folders
    .filter((folder) => folder !== undefined && folder !== "")
    .map((folder) => join(folder ?? "", "electron"))
    .find((file) => existsSync(file));
  if (binary === undefined) return { why: "Electron's runtime is not here" };
  const hasWindow = env["WAYLAND_DISPLAY"] || (env["DISPLAY"] && env["DISPLAY"] !== streamedDisplay);
  return hasWindow ? { binary } : { why: "there is no screen here for its window" };
}
