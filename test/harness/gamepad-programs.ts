// Programs that know nothing of us and see gamepads all the same: those of image/gamepad/test, compiled when a test first wants them, and
// jstest, evtest and the like, started with the interposer. Used by image/gamepad.test.ts and e2e/gamepads.test.ts.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Process } from "./processes.ts";

const FOLDER = fileURLToPath(new URL("../../image/gamepad/", import.meta.url));
const BUILT = join(FOLDER, "build/test");

/** The compiler makes 32-bit programs, too (Debian package gcc-multilib). */
export const CAN_32 =
  spawnSync("cc", ["-m32", "-x", "c", "-", "-o", "/dev/null"], { input: "int main(void){return 0;}" }).status === 0;
if (!CAN_32) console.log("skipped: gamepads in 32-bit programs (cc -m32 does not work: Debian package gcc-multilib)");

const PROGRAMS = {
  "sdl-pads": ["-lSDL2"],
  "udev-pads": ["-ludev"],
  "evdev-pads": [],
} as const;

export function gamepadProgram(name: keyof typeof PROGRAMS, bits: 32 | 64 = 64): string {
  const output = join(BUILT, `${name}-${bits}`);
  mkdirSync(BUILT, { recursive: true });
  const mode = bits === 32 ? ["-m32"] : [];
  execFileSync("cc", [
    ...mode,
    "-O2",
    "-Wall",
    "-Wextra",
    "-o",
    output,
    join(FOLDER, "test", `${name}.c`),
    ...PROGRAMS[name],
  ]);
  return output;
}

/** Builds the interposer, where it is not; returns what LD_PRELOAD has to be. */
export function interposer(): string {
  execFileSync("make", ["-s", "-C", FOLDER]);
  return join(FOLDER, "build/$LIB/libeglantine-gamepad.so");
}

/** A program as the session starts it. `folder`: the agent's, of gamepads. */
export function startWithGamepads(folder: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return new Process(argv, { env: { LD_PRELOAD: interposer(), EGLANTINE_GAMEPAD_DIR: folder, ...env } });
}
