// Where Electron's runtime is, if it can be had, and whether a window can be shown here. Used by start.mjs, by the packages of the
// application (apps/client/packaging) and by test/electron.
import { existsSync } from "node:fs";
import { join } from "node:path";

/** Electron's program on Linux, Windows, macOS. */
const PROGRAMS = ["electron", "electron.exe", "Electron.app"];

/**
 * @param {string} root of the source tree
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined} the runtime's folder
 */
export function electronFolder(root, env) {
  const folders = [env["ELECTRON_OVERRIDE_DIST_PATH"], join(root, "apps/client/node_modules/electron/dist")];
  return folders.find((folder) => folder !== undefined && folder !== "" && isRuntime(folder));
}

const isRuntime = (/** @type {string} */ folder) => PROGRAMS.some((name) => existsSync(join(folder, name)));

/**
 * @param {string} root of the source tree
 * @param {NodeJS.ProcessEnv} env
 * @param {string | undefined} streamedDisplay shown in the client's window, so not a place for that window
 * @returns {{ binary: string } | { why: string }} the program, or why there is none
 */
export function findElectron(root, env, streamedDisplay) {
  const folder = electronFolder(root, env);
  if (folder === undefined) return { why: "Electron's runtime is not here" };
  const binary = join(folder, "electron");
  const hasWindow = env["WAYLAND_DISPLAY"] || (env["DISPLAY"] && env["DISPLAY"] !== streamedDisplay);
  return hasWindow ? { binary } : { why: "there is no screen here for its window" };
}
