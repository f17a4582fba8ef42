// Stands in for what electron-builder would fetch beside Electron, by what Debian has: fpm (fpm.mjs), 7za (p7zip-full or 7zip), and for AppImage
// mksquashfs (squashfs-tools) with a runtime that unpacks where the real one mounts. Used by package.mjs for packages
// with the stand-in runtime.

import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { archName, findProgram } from "./machine.mjs";

/** Of the AppImage's runtime, which the file system follows. */
const RUNTIME_BYTES = 4096;

const APPIMAGE_RUNTIME = `#!/bin/sh
# A stand-in for the AppImage runtime: unpacks what the real one mounts. Needs squashfs-tools.
set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
unsquashfs -quiet -no-progress -offset ${RUNTIME_BYTES} -dest "$folder/app" "$0" >&2
APPDIR=$folder/app "$folder/app/AppRun" "$@"
exit
`;

/** Variables for electron-builder; what they lead to is written into `folder`. Names the Debian package of what is missing. */
export function localTools(/** @type {string} */ folder) {
  const squashfs = need("mksquashfs", "squashfs-tools");
  for (const place of ["runtimes", `lib/${archName()}`]) mkdirSync(join(folder, place), { recursive: true });
  symlinkSync(squashfs, join(folder, "mksquashfs"));
  symlinkSync(need("desktop-file-validate", "desktop-file-utils"), join(folder, "desktop-file-validate"));
  const runtime = join(folder, "runtimes", `runtime-${archName()}`);
  writeFileSync(runtime, APPIMAGE_RUNTIME.padEnd(RUNTIME_BYTES, "\n"));
  const fpm = fileURLToPath(new URL("fpm.mjs", import.meta.url));
  chmodSync(fpm, 0o755);
  need("rpmbuild", "rpm");
  need("dpkg-deb", "dpkg");
  return {
    APPIMAGE_TOOLS_PATH: folder,
    CUSTOM_FPM_PATH: fpm,
    ELECTRON_BUILDER_7ZIP_PATH: need("7za", "p7zip-full"),
  };
}

/** @param {string} program @param {string} packageName */
function need(program, packageName) {
  const path = findProgram(program);
  if (path === undefined) throw new Error(`${program} is missing (Debian package ${packageName})`);
  return path;
}
