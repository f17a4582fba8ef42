// What unfinished uploads leave behind, on the real file system, with times that are set.

import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLog } from "../log.ts";
import { Files } from "./files.ts";
import { partName, stageName } from "./names.ts";
import { KEPT_MS, sweep } from "./sweep.ts";

const [ID, OTHER] = ["0".repeat(32), "1".repeat(32)];
let root: string;
let elsewhere: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "eglantine-sweep-"));
  elsewhere = mkdtempSync(join(tmpdir(), "eglantine-elsewhere-"));
});
afterEach(() => {
  for (const folder of [root, elsewhere]) rmSync(folder, { recursive: true, force: true });
});

function write(path: string, ageMs: number): string {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, "some");
  age(path, ageMs);
  return path;
}
function age(path: string, ageMs: number): void {
  const when = (Date.now() - ageMs) / 1000;
  utimesSync(path, when, when);
}

test("parts and stages of more than a day go, in any folder; younger ones and everything else stays", async () => {
  const old = [write(join(root, partName(ID)), KEPT_MS + 1000), write(join(root, "a/b", partName(ID)), KEPT_MS + 1000)];
  const stage = join(root, stageName(ID));
  write(join(stage, "one.txt"), KEPT_MS + 1000);
  age(stage, KEPT_MS + 1000);
  const young = join(root, stageName(OTHER));
  write(join(young, "deep", partName(OTHER)), KEPT_MS - 60_000);
  age(join(young, "deep"), KEPT_MS + 1000);
  age(young, KEPT_MS + 1000);
  const kept = [write(join(root, partName(OTHER)), KEPT_MS - 60_000), write(join(root, "mine.part"), KEPT_MS * 100)];
  expect(await sweep(root, Date.now())).toBe(3);
  for (const path of [...old, stage]) expect([path, existsSync(path)]).toEqual([path, false]);
  for (const path of [...kept, young]) expect([path, existsSync(path)]).toEqual([path, true]);
});

test("links are not followed, and a folder that is not there is nothing", async () => {
  const outside = write(join(elsewhere, partName(ID)), KEPT_MS + 1000);
  symlinkSync(elsewhere, join(root, "way-out"));
  symlinkSync(elsewhere, join(root, stageName(ID)));
  await sweep(root, Date.now() + KEPT_MS);
  await sweep(root, Date.now() + 2 * KEPT_MS);
  expect(existsSync(outside)).toBe(true);
  expect(existsSync(join(root, stageName(ID)))).toBe(false);
  expect(await sweep(join(root, "none"), Date.now())).toBe(0);
});

test("the agent's start removes them", async () => {
  const part = write(join(root, partName(ID)), KEPT_MS + 1000);
  const files = new Files({ ways: "both", folder: root, home: root, log: createLog("silent") });
  files.start();
  await expect.poll(() => existsSync(part)).toBe(false);
  await files.close();
});
