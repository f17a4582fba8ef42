// Whose libraries are in the bundles, and their licences: from the lists that the bundlers leave in dist/bundled (build.mjs,
// vite.config.ts) to dist/THIRD-PARTY.txt, which every package carries. Used by package.mjs.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

/** Lists of bundled files, each a JSON array of paths from apps/client on. */
export const BUNDLES = ["main", "preload", "renderer", "workers"];

/** Libraries of which a file is taken that has those that they depend on in it already. */
const PREBUNDLED = ["simple-peer"];

/** How deep below a package further licences lie: of what it has taken in itself. */
const DEPTH = 3;

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** @typedef {{ name: string, version: string, license?: unknown, dependencies?: Record<string, string>, author?: string | { name: string }, homepage?: string }} Manifest */

/** @param {string} client the folder apps/client @returns {string} path of the document */
export function writeThirdParty(client) {
  const libraries = bundledLibraries(client);
  const parts = libraries.map(({ name, version, licence, texts }) =>
    [`${name} ${version}`, `Licence: ${licence}`, "", ...texts].join("\n"),
  );
  const head =
    "Eglantine's own code is under the Mozilla Public License 2.0 (LICENSE.txt). Its bundle holds these libraries:";
  const index = libraries.map(({ name, version, licence }) => `  ${name} ${version} (${licence})`).join("\n");
  const rule = `\n\n${"-".repeat(80)}\n\n`;
  const path = join(client, "dist/THIRD-PARTY.txt");
  writeFileSync(path, `${[`${head}\n\n${index}`, ...parts.map((part) => part.trimEnd())].join(rule)}\n`);
  return path;
}

/** In the order of their names, each once. A library that names no licence, or a list that is not there, is an error. */
export function bundledLibraries(/** @type {string} */ client) {
  const roots = new Set(
    BUNDLES.flatMap((name) => listOf(client, name)).flatMap((path) => {
      const root = packageRoot(resolve(client, path));
      return root === undefined ? [] : [root];
    }),
  );
  for (const root of roots) if (PREBUNDLED.includes(manifestOf(root).name)) addDependencies(root, roots);
  const libraries = [...roots].map((root) => {
    const manifest = manifestOf(root);
    const { name, version, license } = manifest;
    if (typeof license !== "string") throw new Error(`${name} ${version} names no licence`);
    const texts = licenceFiles(root, DEPTH).map((file) => readFileSync(file, "utf8").trim());
    if (texts.length === 0) texts.push(namedLicence(license, manifest));
    return { name, version, licence: license, texts };
  });
  const sorted = libraries.toSorted((a, b) => a.name.localeCompare(b.name) || a.version.localeCompare(b.version));
  return sorted.filter(
    ({ name, version }, index) => sorted[index - 1]?.name !== name || sorted[index - 1]?.version !== version,
  );
}

/** @returns {Manifest} */
function manifestOf(/** @type {string} */ root) {
  return /** @type {Manifest} */ (JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
}

/** And what those depend on. @param {string} root @param {Set<string>} roots */
function addDependencies(root, roots) {
  for (const name of Object.keys(manifestOf(root).dependencies ?? {})) {
    // Where Node has a module of that name itself, the slash asks for the package.
    const found = packageRoot(createRequire(join(root, "package.json")).resolve(`${name}/package.json`));
    if (found === undefined || roots.has(found)) continue;
    roots.add(found);
    addDependencies(found, roots);
  }
}

/** The package's own first. @param {string} folder @param {number} depth @returns {string[]} */
function licenceFiles(folder, depth) {
  const entries = readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => a.name.localeCompare(b.name));
  const own = entries.filter(
    (entry) => entry.isFile() && /^(licen[cs]e|copying|notice|authors)(?![a-z])/i.test(entry.name),
  );
  const below = entries.filter((entry) => depth > 0 && entry.isDirectory() && entry.name !== "node_modules");
  return [
    ...own.map(({ name }) => join(folder, name)),
    ...below.flatMap(({ name }) => licenceFiles(join(folder, name), depth - 1)),
  ];
}

/** For a package that carries no text. @param {string} licence @param {Manifest} manifest */
function namedLicence(licence, { author, homepage }) {
  const who = typeof author === "string" ? author : (author?.name ?? "its authors");
  const note = `Copyright ${who}${homepage === undefined ? "" : `, ${homepage}`}. The package names its licence without the text.`;
  return licence === "MIT" ? `${note}\n\n${MIT}` : note;
}

/** @param {string} client @param {string} name @returns {string[]} */
function listOf(client, name) {
  const path = join(client, "dist/bundled", `${name}.json`);
  if (!existsSync(path)) throw new Error(`${path} is not there: pnpm --filter @eglantine/client build`);
  return /** @type {string[]} */ (JSON.parse(readFileSync(path, "utf8")));
}

/** The folder of the npm package that a file belongs to; none for files of this tree. */
function packageRoot(/** @type {string} */ file) {
  if (!file.includes("/node_modules/")) return undefined;
  let folder = dirname(file);
  // Some have package.json files without a name further down, which only say how to read what is beside them.
  while (!existsSync(join(folder, "package.json")) || !isNamed(manifestOf(folder))) {
    if (folder === dirname(folder)) throw new Error(`${file} belongs to no package`);
    folder = dirname(folder);
  }
  return folder;
}

const isNamed = (/** @type {Partial<Manifest>} */ { name, version }) => name !== undefined && version !== undefined;
