// The folder of files that stand for gamepads where no device can be made: what /dev/input, /sys and /run/udev would hold of them.
// The interposer (image/gamepad/tree.h) shows them to programs in those places. From `interposer.ts`.

import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { EV, GAMEPAD } from "../input/gamepad.ts";

/** linux/Documentation/admin-guide/devices.txt */
const INPUT_MAJOR = 13;
const EVENT_MINOR = 64;

/** Bit fields are printed in words of the program that reads them. */
const WORDS = [
  { folder: "sys64", bits: 64 },
  { folder: "sys32", bits: 32 },
] as const;

const DEVICES = "devices/virtual/input";

/** Below the folder: sockets that do not listen yet, those that do, the pads' own files, the rest. */
const FOLDERS = ["node", "input", "pad", "udev"] as const;

/** Makes the folders, and clears what an agent before this one has left. The folders themselves stay: programs watch them. */
export function createTree(folder: string): void {
  for (const name of FOLDERS) {
    mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
    for (const entry of readdirSync(join(folder, name))) rmSync(join(folder, name, entry), { recursive: true });
  }
  for (const { folder: sys } of WORDS) {
    rmSync(join(folder, sys), { recursive: true, force: true });
    for (const name of ["class/input", DEVICES, "dev/char"]) {
      mkdirSync(join(folder, sys, name), { recursive: true, mode: 0o700 });
    }
  }
  // Its being there, also before this agent, tells libudev that there is somebody to hear of new devices from.
  writeFileSync(join(folder, "udev/control"), "");
}

interface Node {
  readonly kind: "event" | "js";
  readonly name: string;
  readonly minor: number;
}

export const nodesOf = (place: number): readonly Node[] => [
  { kind: "event", name: `event${place}`, minor: EVENT_MINOR + place },
  { kind: "js", name: `js${place}`, minor: place },
];

/** What programs read about pad `place` once they have found it. Stays when the pad is unplugged: the next one there is the same. */
export function describePad(folder: string, place: number): void {
  const parent = `input${place}`;
  const database = "I:1\nE:ID_INPUT=1\nE:ID_INPUT_JOYSTICK=1\n";
  writeFileSync(join(folder, "udev", `+input:${parent}`), database);
  for (const { minor } of nodesOf(place)) writeFileSync(join(folder, "udev", `c${INPUT_MAJOR}:${minor}`), database);
  for (const { folder: sys, bits } of WORDS) {
    const device = join(folder, sys, DEVICES, parent);
    writeFiles(device, parentFiles(place, bits));
    symlinkSync("../../../../class/input", join(device, "subsystem"));
    for (const { name, minor } of nodesOf(place)) {
      const number = `${INPUT_MAJOR}:${minor}`;
      writeFiles(join(device, name), {
        dev: number,
        uevent: `MAJOR=${INPUT_MAJOR}\nMINOR=${minor}\nDEVNAME=input/${name}`,
      });
      symlinkSync("../../../../../class/input", join(device, name, "subsystem"));
      symlinkSync(`../../${parent}`, join(device, name, "device"));
      symlinkSync(`../../${DEVICES}/${parent}/${name}`, join(folder, sys, "dev/char", number));
    }
  }
}

/** It is found by those who look through /sys. */
export function listPad(folder: string, place: number): void {
  for (const [entry, target] of entriesOf(folder, place)) symlinkSync(target, entry);
}

/** It is not any more. What is not there is no error. */
export function unlistPad(folder: string, place: number): void {
  for (const [entry] of entriesOf(folder, place)) rmSync(entry, { force: true });
}

function entriesOf(folder: string, place: number): [entry: string, target: string][] {
  const parent = `input${place}`;
  return WORDS.flatMap(({ folder: sys }) =>
    [parent, ...nodesOf(place).map(({ name }) => `${parent}/${name}`)].map((path): [string, string] => [
      join(folder, sys, "class/input", basename(path)),
      `../../${DEVICES}/${path}`,
    ]),
  );
}

export const physOf = (place: number): string => `eglantine/input${place}`;

function parentFiles(place: number, bits: number): Record<string, string> {
  const { name, bus, vendor, product, version } = GAMEPAD;
  const hex = (value: number) => value.toString(16).padStart(4, "0");
  const fields = {
    ev: printBits(Object.values(EV), bits),
    key: printBits(GAMEPAD.keys, bits),
    rel: "0",
    abs: printBits(
      GAMEPAD.axes.map(({ code }) => code),
      bits,
    ),
    msc: "0",
    led: "0",
    snd: "0",
    ff: printBits(GAMEPAD.force, bits),
    sw: "0",
  };
  const ids = [bus, vendor, product, version];
  return {
    name,
    phys: physOf(place),
    uniq: "",
    properties: "0",
    "id/bustype": hex(bus),
    "id/vendor": hex(vendor),
    "id/product": hex(product),
    "id/version": hex(version),
    ...Object.fromEntries(Object.entries(fields).map(([key, value]) => [`capabilities/${key}`, value])),
    uevent: [
      `PRODUCT=${ids.map((id) => id.toString(16)).join("/")}`,
      `NAME="${name}"`,
      `PHYS="${physOf(place)}"`,
      "PROP=0",
      `EV=${fields.ev}`,
      `KEY=${fields.key}`,
      `ABS=${fields.abs}`,
      `FF=${fields.ff}`,
    ].join("\n"),
  };
}

/** As the kernel prints a bit field: words in hexadecimal, the highest that is not 0 first. */
export function printBits(set: readonly number[], wordBits: number): string {
  const words: bigint[] = [0n];
  for (const bit of set) {
    const word = Math.floor(bit / wordBits);
    while (words.length <= word) words.push(0n);
    words[word] = (words[word] ?? 0n) | (1n << BigInt(bit % wordBits));
  }
  return words
    .reverse()
    .map((word) => word.toString(16))
    .join(" ");
}

function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, `${text}\n`);
  }
}
