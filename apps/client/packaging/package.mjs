// `pnpm package`: the desktop application as packages, by electron-builder (electron-builder.yml), from what `pnpm build` left in dist/; looks
// into them (contents.mjs) and writes SHA256SUMS beside them.
//
//   node packaging/package.mjs [linux] [win] [mac] [--target NAME…] [--out FOLDER] [--feed https://…] [--download]
//
// With Electron's runtime at hand (ELECTRON_OVERRIDE_DIST_PATH, or as `electron` installed it), or with --download, these are packages to
// be given away. Else a stand-in for the runtime is packaged (stub-runtime.mjs) with this machine's own tools (local-tools.mjs), into
// a folder of that name: everything but the runtime is as it will be.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { electronFolder } from "../../../image/local/electron.mjs";
import { faultsOf } from "./contents.mjs";
import { localTools } from "./local-tools.mjs";
import { archName, ownSystem } from "./machine.mjs";
import { electronVersion, writeStubRuntime } from "./stub-runtime.mjs";
import { writeThirdParty } from "./third-party.mjs";

/** @typedef {import("./stub-runtime.mjs").System} System */

const CLIENT = fileURLToPath(new URL("..", import.meta.url));
const ROOT = join(CLIENT, "../..");
/** What a machine with Linux can make of each system with its own tools: NSIS needs plug-ins of electron-builder's, a dmg needs macOS. */
const LOCAL_TARGETS = { linux: ["AppImage", "deb", "rpm", "tar.gz"], win: ["dir"], mac: ["zip"] };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: "string" },
    target: { type: "string", multiple: true },
    feed: { type: "string" },
    download: { type: "boolean" },
  },
});

/** @param {System} system @param {string} out @param {string} work @param {boolean} stub */
function build(system, out, work, stub) {
  const runtime = stub
    ? join(work, `runtime-${system}`)
    : system === ownSystem()
      ? electronFolder(ROOT, process.env)
      : undefined;
  if (stub && runtime !== undefined) writeStubRuntime(system, runtime);
  const targets = values.target ?? (stub ? LOCAL_TARGETS[system] : []);
  const options = [
    `-c.directories.output=${out}`,
    `-c.electronVersion=${electronVersion()}`,
    ...(runtime === undefined ? [] : [`-c.electronDist=${runtime}`]),
    ...(values.feed === undefined ? [] : ["-c.publish.provider=generic", `-c.publish.url=${values.feed}`]),
    "--publish",
    "never",
  ];
  const command = [
    createRequire(import.meta.url).resolve("electron-builder/cli.js"),
    `--${system}`,
    ...targets,
    `--${archName()}`,
  ];
  const env = { ...process.env, ...(stub ? localTools(join(work, `tools-${system}`)) : {}) };
  const { error, status } = spawnSync(process.execPath, [...command, ...options], {
    cwd: CLIENT,
    env,
    stdio: "inherit",
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`electron-builder ended with ${status}`);
}

/** One line a file, as sha256sum writes and checks them. */
function writeChecksums(/** @type {string} */ out) {
  const names = readdirSync(out).filter(
    (name) => statSync(join(out, name)).isFile() && !/\.(ya?ml|blockmap)$|^SHA256SUMS$/.test(name),
  );
  const lines = names.map((name) => {
    return `${createHash("sha256")
      .update(readFileSync(join(out, name)))
      .digest("hex")}  ${name}\n`;
  });
  writeFileSync(join(out, "SHA256SUMS"), lines.join(""));
  return names.map((name) => join(out, name));
}

for (const file of ["dist/main/main.js", "dist/preload/preload.cjs", "dist/renderer/index.html"]) {
  if (!existsSync(join(CLIENT, file))) throw new Error(`apps/client/${file} is not built: pnpm build`);
}
const stub = values.download !== true && electronFolder(ROOT, process.env) === undefined;
const own = ownSystem();
const systems = /** @type {System[]} */ (
  positionals.length > 0 ? positionals : stub ? Object.keys(LOCAL_TARGETS) : own === undefined ? [] : [own]
);
const out = resolve(values.out ?? join(CLIENT, "dist/packages"), stub ? "stand-in" : "");
const work = mkdtempSync(join(tmpdir(), "eglantine-packages-"));
try {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  writeThirdParty(CLIENT);
  for (const system of systems) {
    if (!(system in LOCAL_TARGETS)) throw new Error(`"${system}" is none of linux, win, mac`);
    build(system, out, work, stub);
  }
  const unpacked = readdirSync(out).filter((name) => /^(linux|win|mac)(-.*)?-?(unpacked)?$/.test(name));
  for (const name of unpacked) {
    const system = /** @type {System} */ (/^(linux|win|mac)/.exec(name)?.[0]);
    const faults = await faultsOf(system, join(out, name), CLIENT);
    if (faults.length > 0) throw new Error(`${name}:\n  ${faults.join("\n  ")}`);
    console.log(`${join(out, name)}: contents are right`);
  }
  for (const path of writeChecksums(out)) console.log(path);
  if (stub) {
    console.log(
      "Electron's runtime is not here (ELECTRON_OVERRIDE_DIST_PATH, or --download): these packages hold a stand-in for it.",
    );
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
