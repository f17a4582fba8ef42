// The C programs of native/test, compiled when a test first wants them.

import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const SOURCES = fileURLToPath(new URL("../../../native/test/", import.meta.url));
const BUILT = fileURLToPath(new URL("../../../native/build/test/", import.meta.url));

/** Compiles and returns the folder it lies in. `more`: further arguments of the compiler. */
function compile(compiler: string, source: string, output: string, more: readonly string[]): string {
  mkdirSync(BUILT, { recursive: true });
  execFileSync(compiler, ["-O2", "-Wall", "-Wextra", "-o", BUILT + output, SOURCES + source, ...more]);
  return BUILT;
}

/** Path of a program that draws on a display. */
export function painterProgram(): string {
  return `${compile("cc", "painter.c", "painter", ["-lxcb"])}painter`;
}

/** Path of a program that compares the conversion's two implementations with each other and with the formula. */
export function convertCheckProgram(): string {
  return `${compile("c++", "convert-check.cc", "convert-check", ["-std=c++17", "-mavx2"])}convert-check`;
}

/** Path of a program that puts slices into their order as chance has them come. */
export function sliceOrderCheckProgram(): string {
  return `${compile("c++", "slice-order-check.cc", "slice-order-check", ["-std=c++17", "-pthread"])}slice-order-check`;
}

/** Folder with stand-ins for NVIDIA's two libraries, for LD_LIBRARY_PATH. */
export function nvidiaStubs(): string {
  const shared = ["-shared", "-fPIC"];
  compile("cc", "cuda-stub.c", "libcuda.so.1", shared);
  return compile("cc", "nvenc-stub.c", "libnvidia-encode.so.1", shared);
}

/** Path of a stand-in for /dev/uinput, for LD_PRELOAD. */
export function uinputStub(): string {
  return `${compile("cc", "uinput-stub.c", "uinput-stub.so", ["-shared", "-fPIC", "-ldl"])}uinput-stub.so`;
}
