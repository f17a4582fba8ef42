import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Pictures } from "./pictures.ts";

let folder = "";
let pictures: Pictures;
let wanted = () => true;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "eglantine-pictures-")), "pictures");
  wanted = () => true;
  pictures = new Pictures(folder, () => Promise.resolve(wanted()));
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

it("keeps none where the user wants none, and forgets those that it has", async () => {
  for (const id of ["one", "two"]) await pictures.keep(id, Uint8Array.of(1));
  await pictures.heedWish();
  expect((await readdir(folder)).toSorted()).toEqual(["one.jpg", "two.jpg"]);
  // While one is being kept.
  wanted = () => {
    wanted = () => false;
    return true;
  };
  await Promise.all([pictures.keep("three", Uint8Array.of(1)), pictures.heedWish()]);
  await pictures.keep("one", Uint8Array.of(1));
  expect(await readdir(folder)).toEqual([]);
});

it("forgets at the start those that an end has left behind after the user's wish", async () => {
  await pictures.keep("one", Uint8Array.of(1));
  wanted = () => false;
  await pictures.keepOnly(new Set(["one"]));
  expect(await readdir(folder)).toEqual([]);
});
