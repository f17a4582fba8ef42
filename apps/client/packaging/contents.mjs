// Looks into what was packaged: the archive holds the bundles alone and has not been changed since, the runtime is locked, licences are
// there, nothing of the machine that built it and nothing secret is in it. Answers what is wrong, nothing if all is right. Used by
// package.mjs after each run, and by package.system.test.ts.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { extractFile, getRawHeader, uncache } from "@electron/asar";
import { FuseV1Options, getCurrentFuseWire } from "@electron/fuses";
import plist from "plist";
import { NtExecutable, NtExecutableResource } from "resedit";

/** @typedef {import("./stub-runtime.mjs").System} System */
/** @typedef {{ integrity?: { hash: string }, files?: Record<string, Entry> }} Entry of an archive */

/** Of electron-builder.yml's `electronFuses`; read back from the packaged program. */
export const FUSES = /** @type {const} */ ({
  RunAsNode: false,
  EnableCookieEncryption: true,
  EnableNodeOptionsEnvironmentVariable: false,
  EnableNodeCliInspectArguments: false,
  EnableEmbeddedAsarIntegrityValidation: true,
  OnlyLoadAppFromAsar: true,
  GrantFileProtocolExtraPrivileges: false,
});

/** A fuse's state is a digit in the program; the library keeps their names to itself. */
const FUSE_ON = "1".charCodeAt(0);
const FUSE_OFF = "0".charCodeAt(0);

/** Where things are in the folder that electron-builder leaves. */
const PLACES = {
  linux: { program: "eglantine", resources: "resources", licence: "LICENSE.electron.txt" },
  win: { program: "Eglantine.exe", resources: "resources", licence: "LICENSE.electron.txt" },
  mac: { program: "Eglantine.app", resources: "Eglantine.app/Contents/Resources", licence: undefined },
};

/** Texts that no package may hold. */
const SECRETS = [
  /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/]{20}/,
  /\b(?:ghp|gho|ghs|npm)_[A-Za-z0-9]{30,}/,
  /\bAKIA[0-9A-Z]{16}\b/,
  /\/\/# sourceMappingURL=/,
];

/**
 * @param {System} system
 * @param {string} folder e.g. linux-unpacked
 * @param {string} client the folder apps/client of the machine
 * @returns {Promise<string[]>} what is wrong
 */
export async function faultsOf(system, folder, client) {
  const { program, resources, licence } = PLACES[system];
  const archive = join(folder, resources, "app.asar");
  // The library remembers lists of files by their path.
  uncache(archive);
  const { header, headerString } = getRawHeader(archive);
  const files = [...filesOf(header)];
  const faults = files.flatMap(({ path, entry }) => fileFaults(path, entry, extractFile(archive, path), client));
  for (const path of ["dist/main/main.js", "dist/preload/preload.cjs", "dist/renderer/index.html", "package.json"]) {
    if (!files.some((file) => file.path === path)) faults.push(`${path} is missing`);
  }
  const manifest = /** @type {Record<string, unknown>} */ (JSON.parse(String(extractFile(archive, "package.json"))));
  for (const key of ["scripts", "devDependencies", "dependencies"]) {
    if (Object.keys(manifest[key] ?? {}).length > 0) faults.push(`package.json has ${key}`);
  }
  for (const name of ["LICENSE.txt", "THIRD-PARTY.txt"]) {
    if (!existsSync(join(folder, resources, name))) faults.push(`${name} is missing`);
  }
  if (licence !== undefined && !existsSync(join(folder, licence))) faults.push(`${licence} is missing`);
  const known = knownHash(system, folder);
  const hash = createHash("sha256").update(headerString).digest("hex");
  // Electron looks at it on Windows and macOS; on Linux there is no place for it.
  if (system !== "linux" && known !== hash) faults.push(`the program takes the archive for ${known}, it is ${hash}`);
  const wire = /** @type {Record<number, number>} */ (
    /** @type {unknown} */ (await getCurrentFuseWire(join(folder, program)))
  );
  for (const [name, on] of Object.entries(FUSES)) {
    const state = wire[FuseV1Options[/** @type {keyof typeof FUSES} */ (name)]];
    if (state !== (on ? FUSE_ON : FUSE_OFF)) faults.push(`fuse ${name} is not ${on ? "on" : "off"}`);
  }
  return faults;
}

/** @param {Entry} entry @param {string} [above] @returns {Iterable<{ path: string, entry: Entry }>} */
function* filesOf(entry, above = "") {
  for (const [name, inner] of Object.entries(entry.files ?? {})) {
    if (inner.files === undefined) yield { path: above + name, entry: inner };
    else yield* filesOf(inner, `${above}${name}/`);
  }
}

/** @param {string} path @param {Entry} entry @param {Buffer} data @param {string} client */
function fileFaults(path, entry, data, client) {
  const faults = [];
  if (!/^dist\/(main|preload|renderer)\/|^package\.json$/.test(path) || /\.(map|tsx?)$|node_modules/.test(path)) {
    faults.push(`${path} does not belong there`);
  }
  if (entry.integrity?.hash !== createHash("sha256").update(data).digest("hex")) faults.push(`${path} was changed`);
  const text = data.toString("latin1");
  for (const secret of [...SECRETS, ...ownSecrets(client)]) {
    if (typeof secret === "string" ? text.includes(secret) : secret.test(text)) faults.push(`${path} holds ${secret}`);
  }
  return faults;
}

/** Of the machine: where it builds, and what its environment keeps secret. */
function ownSecrets(/** @type {string} */ client) {
  const kept = Object.entries(process.env).filter(([name]) => /TOKEN|SECRET|PASSW|API_?KEY|CSC_/i.test(name));
  const home = homedir();
  return [client, ...(home === "/" ? [] : [`${home}/`]), ...kept.map(([, value]) => value ?? "")].filter(
    (text) => text.length >= 6,
  );
}

/** Hash of the archive's list of files, as the program knows it. @param {System} system @param {string} folder */
function knownHash(system, folder) {
  if (system === "mac") {
    const info = macInfo(folder);
    return info.ElectronAsarIntegrity?.["Resources/app.asar"]?.hash;
  }
  if (system !== "win") return undefined;
  const program = NtExecutable.from(readFileSync(join(folder, PLACES.win.program)));
  const entry = NtExecutableResource.from(program).entries.find(({ type, id }) => {
    return String(type) === "INTEGRITY" && String(id) === "ELECTRONASAR";
  });
  if (entry === undefined) return undefined;
  const list = /** @type {{ file: string, value: string }[]} */ (JSON.parse(Buffer.from(entry.bin).toString()));
  return list.find(({ file }) => file === "resources\\app.asar")?.value;
}

/** @typedef {{ ElectronAsarIntegrity?: Record<string, { hash: string }>, [name: string]: unknown }} MacInfo */

/** The application's Info.plist. @returns {MacInfo} */
export function macInfo(/** @type {string} */ folder) {
  const path = join(folder, "Eglantine.app/Contents/Info.plist");
  return /** @type {MacInfo} */ (/** @type {unknown} */ (plist.parse(readFileSync(path, "utf8"))));
}
