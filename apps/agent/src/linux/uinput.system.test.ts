// Gamepads and the tablet of the kernel through a stand-in for /dev/uinput: what the add-on asks for, in which order, and how it answers uploads. What only
// a kernel can tell (that programs see the pad) is not tested here.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { uinputStub } from "../video/testing/programs.ts";

const PROCESS = fileURLToPath(new URL("testing/uinput-process.ts", import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "eglantine-uinput-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What the process says, and what was asked of the stand-in. */
function run(env: Readonly<Record<string, string>> = {}, what = "pad"): { said: unknown[]; asked: string[] } {
  const log = join(folder, "log");
  const output = execFileSync(process.execPath, [PROCESS, what], {
    encoding: "utf8",
    timeout: 30_000,
    env: { ...process.env, LD_PRELOAD: uinputStub(), UINPUT_STUB_LOG: log, ...env },
  });
  const lines = (text: string) => text.split("\n").filter((line) => line !== "");
  return { said: lines(output).map((line) => JSON.parse(line) as unknown), asked: lines(readFileSync(log, "utf8")) };
}

test("a pad is described before it is made, all of it, and gone when it is unplugged", () => {
  const { asked } = run();
  expect(asked.filter((line) => line.startsWith("FAULT"))).toEqual([]);
  expect(asked.slice(0, 4)).toEqual(["open", "type 1", "type 3", "type 21"]);
  const before = asked.slice(0, asked.indexOf("create"));
  expect(before.filter((line) => line.startsWith("key"))).toEqual(
    ["0x130", "0x131", "0x133", "0x134", "0x136", "0x137", "0x13a", "0x13b", "0x13c", "0x13d", "0x13e"].map(
      (code) => `key ${code}`,
    ),
  );
  expect(before.filter((line) => line.startsWith("range"))).toEqual([
    "range 0 -32768..32767 fuzz 16 flat 128 resolution 0",
    "range 1 -32768..32767 fuzz 16 flat 128 resolution 0",
    "range 2 0..255 fuzz 0 flat 0 resolution 0",
    "range 3 -32768..32767 fuzz 16 flat 128 resolution 0",
    "range 4 -32768..32767 fuzz 16 flat 128 resolution 0",
    "range 5 0..255 fuzz 0 flat 0 resolution 0",
    "range 16 -1..1 fuzz 0 flat 0 resolution 0",
    "range 17 -1..1 fuzz 0 flat 0 resolution 0",
  ]);
  expect(before).toContain("phys eglantine/input2");
  expect(before).toContain("force 0x50");
  expect(before.at(-1)).toBe("setup 045e:028e bus 3 version 114 effects 16 Microsoft X-Box 360 pad");
  expect(asked.slice(-4)).toEqual(["event 1 304 1", "event 3 0 -5", "event 0 0 0", "destroy"]);
});

test("uploads are answered, and what programs play comes out", () => {
  const { said, asked } = run();
  expect(said).toEqual([
    { owner: 0, kind: "upload", id: 3, strong: 0xffff, weak: 0x1234 },
    { owner: 0, kind: "replay", id: 3, lengthMs: 500, delayMs: 20 },
    { owner: 0, kind: "play", id: 3, times: 2 },
    { owner: 0, kind: "gain", gain: 0x8000 },
    { owner: 0, kind: "erase", id: 3 },
  ]);
  const answers = asked.filter((line) => line.includes("answered"));
  // The second one was of a kind that such a pad has not: EINVAL.
  expect(answers).toEqual(["upload 7 answered 0", "upload 8 answered -22", "erase 9 answered 0"]);
});

test("a device that can't be made is refused with what the system said", () => {
  const { said } = run({ UINPUT_STUB_NO_CREATE: "1" });
  expect(said).toEqual([{ refused: "UI_DEV_CREATE: Cannot allocate memory" }]);
});

test("the tablet is one that is drawn on, with pressure, tilt and both ends of a pen, and a stroke goes through it", () => {
  const { asked } = run({}, "tablet");
  expect(asked.filter((line) => line.startsWith("FAULT"))).toEqual([]);
  const made = asked.indexOf("create");
  expect(asked.slice(0, made)).toEqual([
    "open",
    "type 1",
    "type 3",
    "prop 1",
    ...["0x140", "0x141", "0x14a", "0x14b", "0x14c"].map((code) => `key ${code}`),
    ...[
      [0, "0..32767", 100],
      [1, "0..32767", 100],
      [24, "0..8191", 0],
      [26, "-90..90", 57],
      [27, "-90..90", 57],
    ].flatMap(([code, range, resolution]) => [
      `axis ${code}`,
      `range ${code} ${range} fuzz 0 flat 0 resolution ${resolution}`,
    ]),
    "phys eglantine/pen",
    "setup 0000:0000 bus 6 version 1 effects 0 Eglantine pen",
  ]);
  const stroke = asked
    .slice(made + 1, -1)
    .join("\n")
    .split("event 0 0 0");
  expect(stroke.map((report) => report.trim().split("\n").toSorted())).toEqual([
    [
      "event 1 320 1",
      "event 1 330 1",
      "event 1 331 0",
      "event 1 332 0",
      "event 3 0 0",
      "event 3 1 32767",
      "event 3 24 4096",
      "event 3 26 -30",
      "event 3 27 45",
    ],
    ["event 3 0 32767", "event 3 24 8191"],
    ["event 1 320 0", "event 1 330 0", "event 3 24 0"],
    [""],
  ]);
  expect(asked.at(-1)).toBe("destroy");
});
