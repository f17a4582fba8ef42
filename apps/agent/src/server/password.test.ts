import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StartError } from "../errors.ts";
import { keptPassword } from "./password.ts";

let place: string;
let runDir: string;
let file: string;

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "eglantine-password-"));
  runDir = join(place, "run");
  file = join(runDir, "password");
});

afterEach(() => {
  rmSync(place, { recursive: true, force: true });
});

test("a missing directory is made for this user alone, and the password in it found again", () => {
  const made = keptPassword(runDir);
  expect(statSync(runDir).mode & 0o777).toBe(0o700);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, "utf8")).toBe(`${made.password}\n`);
  expect(keptPassword(runDir)).toEqual({ ...made, made: false });
});

test.each([0o750, 0o705, 0o777])("a directory of mode %o is refused with its remedy", (mode) => {
  mkdirSync(runDir);
  chmodSync(runDir, mode);
  expect(() => keptPassword(runDir)).toThrow(StartError);
  expect(() => keptPassword(runDir)).toThrow(`chmod 0700 ${runDir}`);
});

test.each<[string, () => void]>([
  ["a file that others may read", () => writeFileSync(file, "secret\n", { mode: 0o644 })],
  ["a link", () => symlinkSync("/etc/hostname", file)],
  ["a pipe, which would wait for ever", () => void execFileSync("mkfifo", ["-m", "0600", file])],
  ["a directory", () => mkdirSync(file, { mode: 0o700 })],
])("%s in the password's place is refused", (_name, put) => {
  mkdirSync(runDir, { mode: 0o700 });
  put();
  expect(() => keptPassword(runDir)).toThrow(StartError);
});
