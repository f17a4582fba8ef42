// The Debian package eglantine-agent: bundle, native modules, node-datachannel and a Node of its own below /usr/lib/eglantine-agent, a
// command and a manual page. Depends on the libraries of the release that it is built on (dpkg-shlibdeps reads them off). Made by package.mjs.

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { nativeModules, stageBundle } from "./stage.mjs";

const NAME = "eglantine-agent";
const MAINTAINER = "The Eglantine contributors <eglantine@eglantine.invalid>";

/** @param {string[]} argv @param {string} [cwd] @returns {string} */
function run(argv, cwd) {
  const [program = "", ...args] = argv;
  const { error, status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: "utf8" });
  if (error !== undefined) throw new Error(`${program}: ${error.message} (Debian packages dpkg-dev and binutils)`);
  if (status !== 0) throw new Error(`${argv.join(" ")}:\n${stderr}`);
  return stdout;
}

/** @param {{ agent: string, out: string, version: string }} options @returns {string} path of the package */
export function packDeb({ agent, out, version }) {
  const work = mkdtempSync(join(tmpdir(), "eglantine-deb-"));
  try {
    const root = join(work, "debian", NAME);
    const lib = join(root, "usr/lib", NAME);
    stageBundle(agent, lib);
    // The command below starts it, with the Node that is beside it: no program by itself.
    const main = join(lib, "main.js");
    writeFileSync(main, readFileSync(main, "utf8").replace(/^#!.*\n/, ""));
    const rtc = dirname(realpathSync(join(agent, "node_modules/node-datachannel")));
    const platform = `linux-${process.arch}-gnu`;
    const modules = join(lib, "node_modules");
    for (const name of ["node-datachannel/dist/esm", "detect-libc/lib", `@node-datachannel/${platform}`]) {
      cpSync(realpathSync(join(rtc, name)), join(modules, name), {
        recursive: true,
        filter: (path) => !path.endsWith(".map"),
      });
    }
    for (const name of ["node-datachannel", "detect-libc"]) {
      for (const file of ["package.json", "LICENSE"]) copyFileSync(join(rtc, name, file), join(modules, name, file));
    }
    // node_modules/.bin/node is a link to the binary in its npm package, which has the licence.
    const node = realpathSync(process.execPath);
    copyFileSync(node, join(lib, "node"));
    command(root);
    const notes = documents(agent, root, version, dirname(dirname(node)));
    const architecture = run(["dpkg", "--print-architecture"]).trim();
    const libraries = dependencies(work, lib, nativeModules(agent), platform);
    const binaries = run(["find", lib, "-name", "*.node"]).trim().split("\n");
    run(["strip", "--strip-unneeded", ...binaries]);
    tidy(root);
    const size = run(["du", "-sk", "--apparent-size", root]).split("\t")[0];
    mkdirSync(join(root, "DEBIAN"));
    writeFileSync(
      join(root, "DEBIAN/control"),
      [
        `Package: ${NAME}`,
        `Version: ${version}`,
        `Architecture: ${architecture}`,
        `Maintainer: ${MAINTAINER}`,
        `Installed-Size: ${size}`,
        ...libraries,
        "Suggests: tigervnc-standalone-server, pulseaudio",
        "Section: net",
        "Priority: optional",
        `Description: ${notes.synopsis}`,
        ...notes.description.map((line) => ` ${line}`),
        "",
      ].join("\n"),
    );
    writeFileSync(
      join(root, "DEBIAN/md5sums"),
      run(["sh", "-c", "find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum"], root),
    );
    const file = join(out, `${NAME}_${version}_${architecture}.deb`);
    run(["dpkg-deb", "--root-owner-group", "-Zxz", "-z1", "--build", root, file]);
    return file;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** /usr/bin/eglantine-agent. */
function command(/** @type {string} */ root) {
  const file = join(root, "usr/bin", NAME);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    `#!/bin/sh
# The agent, with the Node that came with it.
lib=$(dirname "$(dirname "$(readlink -f "$0")")")/lib/${NAME}
exec "$lib/node" "$lib/main.js" "$@"
`,
  );
  chmodSync(file, 0o755);
}

/** @param {string} agent @param {string} root @param {string} version @param {string} node folder of Node's npm package */
function documents(agent, root, version, node) {
  const docs = join(root, "usr/share/doc", NAME);
  const manual = join(root, "usr/share/man/man1");
  const overrides = join(root, "usr/share/lintian/overrides");
  for (const folder of [docs, manual, overrides]) mkdirSync(folder, { recursive: true });
  const read = (/** @type {string} */ path) => readFileSync(join(agent, path), "utf8");
  const zip = (/** @type {string} */ file, /** @type {string} */ text) =>
    writeFileSync(file, gzipSync(text, { level: 9 }));
  copyFileSync(join(agent, "packaging/copyright"), join(docs, "copyright"));
  copyFileSync(join(agent, "packaging/lintian-overrides"), join(overrides, NAME));
  zip(join(docs, "NODE-LICENSE.gz"), readFileSync(join(node, "LICENSE"), "utf8"));
  zip(join(docs, "CONFIGURATION.md.gz"), read("CONFIGURATION.md"));
  zip(
    join(docs, "changelog.gz"),
    `${NAME} (${version}) unstable; urgency=medium\n\n  * See CHANGELOG.md of the source.\n\n -- ${MAINTAINER}  Thu, 01 Jan 2026 00:00:00 +0000\n`,
  );
  const page = run([process.execPath, join(agent, "packaging/manual.ts")]);
  zip(join(manual, `${NAME}.1.gz`), page);
  return {
    synopsis: "streams an X display to web browsers over WebRTC",
    description: [
      "Captures an X display as it changes, codes it (H.264, H.265, VP8, VP9 or AV1,",
      "in software or by NVENC or VA-API) and sends it to browsers and to the",
      "Eglantine application, whose keyboard, pointer, gamepads, clipboard, files and",
      "sound come back. One port for TCP and UDP; no display manager, no systemd.",
    ],
  };
}

/**
 * Depends: of Node, WebRTC and the add-on itself. Recommends: of the encoders and the sound, each of which is left out alone where its
 * library is not there.
 * @param {string} work @param {string} lib @param {string[]} modules @param {string} platform
 */
function dependencies(work, lib, modules, platform) {
  mkdirSync(join(work, "debian"), { recursive: true });
  writeFileSync(
    join(work, "debian/control"),
    `Source: ${NAME}\nMaintainer: ${MAINTAINER}\n\nPackage: ${NAME}\nArchitecture: any\nDescription: agent\n`,
  );
  const [addon = "", ...optional] = modules;
  const needed = [
    join(lib, "node"),
    join(lib, `node_modules/@node-datachannel/${platform}/node_datachannel.node`),
    join(lib, addon),
  ];
  // They find Node's own symbols in the program that loads them.
  const argv = ["dpkg-shlibdeps", "-O", "--warnings=0", "-dDepends", ...needed.map((file) => `-e${file}`)];
  const out = run([...argv, "-dRecommends", ...optional.map((name) => `-e${join(lib, name)}`)], work);
  return out
    .trim()
    .split("\n")
    .map((line) => line.replace("shlibs:", "").replace("=", ": "));
}

/** Modes as Debian has them, and one time for all. */
function tidy(/** @type {string} */ root) {
  run(["find", root, "-type", "d", "-exec", "chmod", "0755", "{}", "+"]);
  run(["find", root, "-type", "f", "-not", "-path", "*/bin/*", "-exec", "chmod", "0644", "{}", "+"]);
  chmodSync(join(root, "usr/lib", NAME, "node"), 0o755);
  run(["find", root, "-exec", "touch", "-h", "-d", `@${process.env.SOURCE_DATE_EPOCH ?? "1767225600"}`, "{}", "+"]);
}
