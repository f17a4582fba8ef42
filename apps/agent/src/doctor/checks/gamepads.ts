// Checks: how programs get the viewers' gamepads: devices of the kernel, or the interposer, which is loaded into a program as a game would.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Config } from "../../config/load.ts";
import { uinputRefusal } from "../../linux/uinput.ts";
import type { Place } from "../place.ts";
import { runProgram } from "../program.ts";
import { namesIn, type RuntimeName, wayFor } from "../runtime.ts";
import type { Check, Finding } from "../types.ts";

export const uinput: Check = {
  name: "uinput",
  group: "input",
  title: "Input devices of the kernel",
  doc: "/dev/uinput can be opened and /dev/input is there: pens with pressure, and gamepads without the interposer.",
  limitMs: 2000,
  run: async (place) => judgeUinput(uinputRefusal(), place.config.gamepad, place.runtime.name),
};

export function judgeUinput(refusal: string | undefined, mode: Config["gamepad"], runtime: RuntimeName): Finding {
  if (refusal === undefined) {
    return { verdict: "pass", seen: "/dev/uinput can be opened", means: "Every program sees gamepads and pens" };
  }
  const fix = wayFor(runtime, {
    docker: "--device /dev/uinput -v /dev/input:/dev/input, with --group-add of the group that owns /dev/uinput",
    kubernetes: "a device plugin for /dev/uinput; or EGLANTINE_GAMEPAD=auto",
    apptainer: "apptainer run --bind /dev/uinput,/dev/input, with your account in the group that owns it",
    plain: "modprobe uinput, and your account in the group that owns /dev/uinput",
  });
  if (mode === "uinput") {
    return { verdict: "fail", seen: refusal, means: "EGLANTINE_GAMEPAD is uinput, so that there are no gamepads", fix };
  }
  return {
    verdict: "skip",
    seen: refusal,
    means: "Usual in a container, and a right that is not needed: gamepads go by the interposer, pens as a mouse",
    fix,
  };
}

export const interposer: Check = {
  name: "gamepads",
  group: "input",
  title: "Gamepads",
  doc: "Which way they take; the interposer is loaded into a program of this place, which must see its folder as /dev/input.",
  limitMs: 10_000,
  run: async (place, signal) => {
    const { gamepad: mode } = place.config;
    if (mode === "off") return judgeGamepads({ mode, uinput: false, tried: [] });
    if (mode !== "interposer" && uinputRefusal() === undefined) return judgeGamepads({ mode, uinput: true, tried: [] });
    const tried = [];
    for (const { word, path } of libraries()) tried.push({ word, why: await tryLibrary(path, place, signal) });
    return judgeGamepads({ mode, uinput: false, tried });
  },
};

export interface GamepadLook {
  readonly mode: Config["gamepad"];
  readonly uinput: boolean;
  /** Each library that is installed, by the programs that it is for, and why it does not work. */
  readonly tried: readonly { readonly word: "64" | "32"; readonly why: string | undefined }[];
}

export function judgeGamepads({ mode, uinput, tried }: GamepadLook): Finding {
  if (mode === "off") return { verdict: "skip", seen: "EGLANTINE_GAMEPAD is off", means: "As the operator wants it" };
  if (uinput) return { verdict: "pass", seen: "By devices of the kernel", means: "Every program sees gamepads" };
  const details = tried.map(({ word, why }) => `for ${word}-bit programs: ${why ?? "works"}`);
  const native = tried.find(({ word }) => word === "64");
  if (native === undefined || native.why !== undefined) {
    return {
      verdict: mode === "uinput" ? "skip" : "fail",
      seen: native?.why ?? "The interposer's library is not installed",
      means: "Games find no gamepads",
      fix: "make -C image/gamepad, or the image, which has it in /usr/lib/eglantine/gamepad",
      details,
    };
  }
  const only64 = tried.every(({ word }) => word === "64");
  return {
    verdict: "pass",
    seen: `By the interposer, which works in 64-bit programs${only64 ? "" : " and is installed for 32-bit ones"}`,
    means: only64
      ? "Programs of this desktop see gamepads, but for 32-bit ones"
      : "Programs of this desktop see gamepads",
    details,
  };
}

const PLACES = [
  "/usr/lib/eglantine/gamepad/lib",
  "../../../../../image/gamepad/build/lib",
  "../../../image/gamepad/build/lib",
];

function libraries(): readonly { readonly word: "64" | "32"; readonly path: string }[] {
  for (const place of PLACES) {
    const folder = place.startsWith("/") ? place : fileURLToPath(new URL(place, import.meta.url));
    const found = namesIn(folder).map((triplet) => ({
      word: triplet.startsWith("i386") ? ("32" as const) : ("64" as const),
      path: join(folder, triplet, "libeglantine-gamepad.so"),
    }));
    if (found.length > 0) return found;
  }
  return [];
}

const MARK = "doctor-was-here";

/** A program that lists /dev/input with it must see a folder of ours. Why not; undefined: it does. */
async function tryLibrary(path: string, place: Place, signal: AbortSignal): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "eglantine-doctor-"));
  try {
    mkdirSync(join(folder, "input"));
    writeFileSync(join(folder, "input", MARK), "");
    const env = { ...place.environment(), LD_PRELOAD: path, EGLANTINE_GAMEPAD_DIR: folder };
    const { stdout, stderr } = await runProgram("/bin/ls", ["/dev/input"], { env, signal, limitMs: 5000 });
    if (stdout.includes(MARK)) return undefined;
    // Of the other word size, for which there is no such program here: the dynamic linker passes over it.
    if (/wrong ELF class/.test(stderr)) return "not tried: there is no program of this word size";
    return stderr.trim().split("\n")[0] ?? "it does not show its folder";
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
