// A stand-in for Electron's runtime, for machines that cannot fetch it: as many of its files as electron-builder touches, with fuses that
// can be flipped and read, and a program that does nothing but say with what it was started. Used by package.mjs; a package
// that holds it says so itself.

import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import plist from "plist";
import { NtExecutable, NtExecutableResource, Resource } from "resedit";

/** Electron's own mark in front of the fuses (@electron/fuses: SENTINEL), their version, their number, and their factory settings. */
const SENTINEL = "dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX";
const FACTORY_FUSES = "101100010";

/** What the program of a packaged stub prints first. */
export const STUB_WORDS = "a stand-in for Electron's runtime";

/** @typedef {"linux" | "win" | "mac"} System */

/** Of Electron, as it is installed without its runtime. */
export function electronVersion() {
  return /** @type {{ version: string }} */ (createRequire(import.meta.url)("electron/package.json")).version;
}

/** Writes the stand-in into `folder`. @param {System} system @param {string} folder */
export function writeStubRuntime(system, folder) {
  /** @param {string} name @param {string | Buffer} data @param {number} [mode] */
  const write = (name, data, mode = 0o644) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), data);
    chmodSync(join(folder, name), mode);
  };
  write("version", electronVersion());
  write("LICENSE", `The licence of Electron would be here: this is ${STUB_WORDS}.\n`);
  write("LICENSES.chromium.html", `<p>The licences of Chromium would be here: this is ${STUB_WORDS}.</p>\n`);
  if (system === "linux") {
    write("electron", Buffer.concat([Buffer.from(SHELL_PROGRAM), fuses()]), 0o755);
    write("chrome-sandbox", "", 0o755);
    mkdirSync(join(folder, "resources"));
  } else if (system === "win") {
    write("electron.exe", Buffer.concat([emptyProgram(), fuses()]));
    mkdirSync(join(folder, "resources"));
  } else {
    const contents = "Electron.app/Contents";
    const property = (/** @type {string} */ name) => plist.build({ CFBundleExecutable: name, CFBundleName: name });
    write(`${contents}/Info.plist`, property("Electron"));
    write(`${contents}/MacOS/Electron`, SHELL_PROGRAM, 0o755);
    write(
      `${contents}/Frameworks/Electron Framework.framework/Electron Framework`,
      Buffer.concat([Buffer.from("stand-in"), fuses()]),
    );
    for (const kind of ["", " (GPU)", " (Plugin)", " (Renderer)"]) {
      const name = `Electron Helper${kind}`;
      write(`${contents}/Frameworks/${name}.app/Contents/Info.plist`, property(name));
      write(`${contents}/Frameworks/${name}.app/Contents/MacOS/${name}`, SHELL_PROGRAM, 0o755);
    }
    mkdirSync(join(folder, contents, "Resources"));
  }
}

/** The fuses stand behind what the shell reads. */
const SHELL_PROGRAM = `#!/bin/sh
echo "${STUB_WORDS}"
for argument in "$@"; do echo "argument: $argument"; done
exit 0
`;

function fuses() {
  return Buffer.concat([
    Buffer.from(SENTINEL),
    Buffer.from([1, FACTORY_FUSES.length]),
    Buffer.from(FACTORY_FUSES),
    Buffer.from("\n"),
  ]);
}

/** A Windows program without code, with the version that electron-builder fills in. */
function emptyProgram() {
  const program = NtExecutable.createEmpty(false, false);
  const resources = NtExecutableResource.from(program);
  const version = Resource.VersionInfo.createEmpty();
  version.lang = 0x0409;
  version.setStringValues({ lang: 0x0409, codepage: 1200 }, { ProductName: STUB_WORDS });
  version.outputToResourceEntries(resources.entries);
  resources.outputResource(program);
  return Buffer.from(program.generate());
}
