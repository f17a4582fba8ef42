import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { SafeStorageDouble } from "../renderer/testing/electron-double.ts";
import { Secrets } from "./secrets.ts";

const PASSWORD = "correct horse battery staple";
let folder = "";
let path = "";
let safeStorage: SafeStorageDouble;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "eglantine-secrets-"));
  path = join(folder, "secrets.json");
  safeStorage = new SafeStorageDouble();
});

afterEach(() => rm(folder, { recursive: true }));

const secrets = (platform: NodeJS.Platform = "linux") => new Secrets({ path, safeStorage, platform });
const onDisk = () => readFile(path, "utf8").catch(() => "");

it("keeps a password for the next start, and never in clear", async () => {
  expect(await secrets().keep("one", PASSWORD)).toBe("keychain");
  expect(await secrets().read("one")).toBe(PASSWORD);
  expect(await secrets().where("one")).toBe("keychain");
  const text = await onDisk();
  expect(text).toContain("one");
  for (const encoding of ["utf8", "base64", "hex"] as const)
    expect(text).not.toContain(Buffer.from(PASSWORD).toString(encoding));
});

it.each([
  ["there is no keychain", () => void (safeStorage.isThere = false)],
  ["Chromium's own password stands in for one", () => void (safeStorage.backend = "basic_text")],
])("holds it in memory alone where %s", async (_why, spoil) => {
  spoil();
  const one = secrets();
  expect(await one.place()).toBe("memory");
  expect(await one.keep("one", PASSWORD)).toBe("memory");
  expect(await one.read("one")).toBe(PASSWORD);
  expect(await one.where("one")).toBe("memory");
  expect(await onDisk()).toBe("");
  expect(await secrets().read("one")).toBeUndefined();
});

it("asks no Linux keychain's name of another system", async () => {
  safeStorage.backend = "basic_text";
  expect(await secrets("darwin").place()).toBe("keychain");
});

it("does not read with a keychain that is gone, nor leave an old one behind what is held in memory", async () => {
  await secrets().keep("one", "old");
  safeStorage.isThere = false;
  const one = secrets();
  expect(await one.read("one")).toBeUndefined();
  await one.keep("one", PASSWORD);
  expect(await onDisk()).not.toContain("one");
});

it("forgets what the keychain can't read any more, so that it is asked for", async () => {
  await secrets().keep("one", PASSWORD);
  safeStorage.changeKey();
  expect(await secrets().read("one")).toBeUndefined();
  expect(await onDisk()).not.toContain("one");
});

it("encrypts anew when the keychain wishes it", async () => {
  await secrets().keep("one", PASSWORD);
  const before = await onDisk();
  safeStorage.rotates = true;
  expect(await secrets().read("one")).toBe(PASSWORD);
  expect(await onDisk()).not.toBe(before);
  expect(await secrets().read("one")).toBe(PASSWORD);
});

it("keeps every one of many that come at once, and forgets those that are not wanted", async () => {
  const ids = Array.from({ length: 12 }, (_, index) => `id-${index}`);
  const all = secrets();
  await Promise.all(ids.map((id) => all.keep(id, `${PASSWORD} ${id}`)));
  expect(await all.read("id-7")).toBe(`${PASSWORD} id-7`);
  await all.forget("id-7");
  await all.keepOnly(new Set(["id-3", "id-7"]));
  const left = await Promise.all(ids.map((id) => secrets().read(id)));
  expect(left.filter((one) => one !== undefined)).toEqual([`${PASSWORD} id-3`]);
});

it("takes a damaged file for none", async () => {
  await writeFile(path, '{"secrets":{"one":7}}');
  expect(await secrets().read("one")).toBeUndefined();
  await secrets().keep("one", PASSWORD);
  expect(await secrets().read("one")).toBe(PASSWORD);
});
