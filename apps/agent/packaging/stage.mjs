// What both packages hold: the bundle, the native modules and the client's page. From dist/ into a folder of deb.mjs's or npm.mjs's.

import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** @param {string} agent the folder apps/agent @param {string} folder */
export function stageBundle(agent, folder) {
  mkdirSync(folder, { recursive: true });
  for (const name of ["main.js", "client", ...nativeModules(agent)]) {
    cpSync(join(agent, "dist", name), join(folder, name), { recursive: true });
  }
}

/** Names of the native modules: the add-on itself first, then what it opens where the libraries for that are there. */
export function nativeModules(/** @type {string} */ agent) {
  const modules = readdirSync(join(agent, "dist")).filter((name) => /^eglantine(-\w+)?\.node$/.test(name));
  return modules.sort((a, b) => a.length - b.length || a.localeCompare(b));
}
