import { expect, it } from "vitest";
import type { Bridge } from "../shared/bridge.ts";
import { readSettings } from "../shared/settings.ts";
import { Preferences } from "./preferences.ts";

/** A shell that keeps what it is given, beside what it has. */
function shell(stored: object | undefined) {
  const kept = { stored };
  const bridge: Bridge = {
    platform: "linux",
    readSettings: async () => kept.stored,
    writeSettings: async (settings) => {
      kept.stored = { ...kept.stored, ...(settings as object) };
    },
  };
  return { kept, bridge };
}

it("has defaults until the shell's settings are there", async () => {
  const preferences = new Preferences(shell({ scale: "native" }).bridge);
  expect(preferences.store.get()).toEqual(readSettings(undefined));
  await preferences.load();
  expect(preferences.store.get().scale).toBe("native");
});

it("keeps changes in the shell, beside what was there", async () => {
  const { kept, bridge } = shell({ scale: "native" });
  const preferences = new Preferences(bridge);
  await preferences.load();
  preferences.change(() => ({ stats: true }));
  expect(kept.stored).toMatchObject({ scale: "native", stats: true });
});

it("takes nothing back that another window has changed", async () => {
  const { kept, bridge } = shell(undefined);
  const [one, two] = [new Preferences(bridge), new Preferences(bridge)];
  await Promise.all([one.load(), two.load()]);
  one.change(() => ({ scale: "native" }));
  two.change(() => ({ stats: true }));
  expect(kept.stored).toMatchObject({ scale: "native", stats: true });
});

it("overwrites nothing that it has not read yet", async () => {
  const { kept, bridge } = shell({ scale: "native", hosts: [{ url: "http://a/", user: "user" }] });
  const preferences = new Preferences(bridge);
  preferences.change(({ hosts }) => ({ hosts: [{ url: "http://b/", user: "user" }, ...hosts] }));
  await preferences.load();
  expect(kept.stored).toMatchObject({ scale: "native", hosts: [{ url: "http://b/" }, { url: "http://a/" }] });
  expect(preferences.store.get()).toEqual(readSettings(kept.stored));
});

it("tells its watchers", async () => {
  const preferences = new Preferences(shell(undefined).bridge);
  let told = 0;
  const unwatch = preferences.store.watch(() => (told += 1));
  preferences.change(() => ({ stats: true }));
  unwatch();
  preferences.change(() => ({ stats: false }));
  expect(told).toBe(1);
});
