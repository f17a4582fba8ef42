import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readSettings } from "../shared/settings.ts";
import { SettingsStore } from "./settings-store.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "eglantine-settings-"));
});

afterEach(() => rm(folder, { recursive: true }));

const store = () => new SettingsStore(join(folder, "deep", "settings.json"));

it("reads back what was written", async () => {
  const hosts = [{ url: "https://h/", user: "u" }];
  await store().write({ scale: "native", hosts });
  expect(await store().read()).toEqual({ ...readSettings(undefined), scale: "native", hosts });
});

it("writes what was changed alone, and nothing that is no setting", async () => {
  await store().write({ scale: "native" });
  await store().write({ stats: true, odd: 1 });
  expect(await store().read()).toEqual({ ...readSettings(undefined), scale: "native", stats: true });
  expect(await readFile(join(folder, "deep", "settings.json"), "utf8")).not.toContain("odd");
});

it("has defaults when nothing was written or the file is damaged", async () => {
  expect(await store().read()).toEqual(readSettings(undefined));
  await store().write({});
  await writeFile(join(folder, "deep", "settings.json"), "{ half");
  expect(await store().read()).toEqual(readSettings(undefined));
});

it("keeps the last of many writes whole, and leaves nothing else behind", async () => {
  const one = store();
  await Promise.all(Array.from({ length: 20 }, (_, index) => one.write({ stats: index === 19 })));
  expect((await one.read()).stats).toBe(true);
  expect(await readdir(join(folder, "deep"))).toEqual(["settings.json"]);
});

it("never stores a password", async () => {
  await store().write({ password: "hunter2", hosts: [{ url: "https://h/", user: "u", password: "hunter2" }] });
  expect(await readFile(join(folder, "deep", "settings.json"), "utf8")).not.toContain("hunter2");
});
