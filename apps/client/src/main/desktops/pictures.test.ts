import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Pictures } from "./pictures.ts";

let folder = "";
let pictures: Pictures;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "eglantine-pictures-")), "pictures");
  pictures = new Pictures(folder);
});

afterEach(() => rm(join(folder, ".."), { recursive: true }));

it("keeps the last one, for nobody but this user", async () => {
  await pictures.keep("one", Uint8Array.of(1, 2));
  await pictures.keep("one", Uint8Array.of(3, 4));
  expect(await pictures.read("one")).toBe("data:image/jpeg;base64,AwQ=");
  expect(await readdir(folder)).toEqual(["one.jpg"]);
  expect((await stat(join(folder, "one.jpg"))).mode & 0o077).toBe(0);
});

it("has none of what was never seen, and needs no folder for that", async () => {
  expect(await pictures.read("one")).toBeUndefined();
  await pictures.keepOnly(new Set());
});

it("forgets those of desktops that are gone, and halves that a crash has left", async () => {
  for (const id of ["one", "two", "three"]) await pictures.keep(id, Uint8Array.of(1));
  await writeFile(join(folder, "two.jpg.new"), "half");
  await pictures.forget("three");
  await pictures.keepOnly(new Set(["two", "three"]));
  expect(await readdir(folder)).toEqual(["two.jpg"]);
});
