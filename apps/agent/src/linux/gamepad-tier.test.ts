import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PadError } from "../input/pad-types.ts";
import { chooseGamepads } from "./gamepad-tier.ts";
import { printBits } from "./pad-tree.ts";
import { uinputRefusal } from "./uinput.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "eglantine-pads-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const pads = () => join(folder, "pads");
const choose = (mode: "auto" | "uinput" | "interposer" | "off", where = pads()) =>
  chooseGamepads({ mode, folder: where, preloaded: true });

test("off makes nothing, and says who wanted it so", () => {
  const none = choose("off");
  expect(none).toMatchObject({ tier: "off", why: "EGLANTINE_GAMEPAD is off" });
  expect(() => none.plug(0, () => undefined)).toThrow(PadError);
  expect(existsSync(pads())).toBe(false);
});

test("the interposer may be asked for", () => {
  expect(choose("interposer").tier).toBe("interposer");
  expect(existsSync(join(pads(), "input"))).toBe(true);
});

test.skipIf(uinputRefusal() === undefined)(
  "without /dev/uinput the interposer stands in, and the reason is told",
  () => {
    const backend = choose("auto");
    expect(backend.tier).toBe("interposer");
    expect(backend.why).toContain("/dev/uinput");
    const none = choose("uinput");
    expect(none).toMatchObject({ tier: "off", why: expect.stringContaining("/dev/uinput") });
  },
);

test("a folder that can't be made, or whose name is too long for a socket, leaves no gamepads", () => {
  expect(choose("interposer", "/dev/null/pads").tier).toBe("off");
  expect(choose("interposer", join(folder, "x".repeat(100)))).toMatchObject({
    tier: "off",
    why: expect.stringContaining("too long"),
  });
});

test("bit fields are printed as the kernel prints them", () => {
  expect(printBits([], 64)).toBe("0");
  expect(printBits([0, 1, 3, 21], 64)).toBe("20000b");
  expect(printBits([0x130, 0x13e], 64)).toBe("4001000000000000 0 0 0 0");
  expect(printBits([0x130, 0x13e], 32)).toBe("40010000 0 0 0 0 0 0 0 0 0");
});
