// The npm package eglantine-agent: the bundle with the native modules as they were built here, and their source with what builds them
// anew elsewhere (NPM.md says when). node-datachannel comes from the registry. Made by package.mjs.

import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { stageBundle } from "./stage.mjs";

/** @param {{ agent: string, out: string, version: string }} options @returns {string} path of the package */
export function packNpm({ agent, out, version }) {
  const folder = mkdtempSync(join(tmpdir(), "eglantine-npm-"));
  try {
    stageBundle(agent, join(folder, "dist"));
    cpSync(join(agent, "native"), join(folder, "native"), {
      recursive: true,
      filter: (path) => !["build", "test", "node_modules"].includes(basename(path)),
    });
    copyFileSync(join(agent, "packaging/NPM.md"), join(folder, "README.md"));
    copyFileSync(join(agent, "../../LICENSE"), join(folder, "LICENSE"));
    copyFileSync(join(agent, "CONFIGURATION.md"), join(folder, "CONFIGURATION.md"));
    const versionOf = (/** @type {string} */ name) =>
      JSON.parse(readFileSync(join(agent, "node_modules", name, "package.json"), "utf8")).version;
    const build = ["node-gyp", "node-addon-api"].map((name) => `${name}@${versionOf(name)}`).join(" ");
    const manifest = {
      name: "eglantine-agent",
      version,
      description: "Streams an X display to web browsers over WebRTC",
      license: "MPL-2.0 AND GPL-2.0-or-later",
      type: "module",
      bin: { "eglantine-agent": "dist/main.js" },
      engines: { node: ">=20" },
      os: ["linux"],
      cpu: [process.arch],
      libc: ["glibc"],
      scripts: {
        "build:native": `npm install --no-save ${build} && node native/build.mjs && cp native/build/Release/eglantine*.node dist/`,
      },
      dependencies: { "node-datachannel": versionOf("node-datachannel") },
    };
    writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
    const packed = spawnSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", out], {
      cwd: folder,
      encoding: "utf8",
    });
    if (packed.error !== undefined) throw new Error(`npm: ${packed.error.message}`);
    if (packed.status !== 0) throw new Error(`npm pack:\n${packed.stderr}`);
    return join(out, JSON.parse(packed.stdout)[0].filename);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
