import fc from "fast-check";
import { expect, it } from "vitest";
import { readSettings, rememberHost } from "./settings.ts";

it("falls back for everything that is missing or damaged", () => {
  const fallback = { scale: "fit", resize: true, stats: false, hosts: [] };
  expect(readSettings(undefined)).toEqual(fallback);
  expect(readSettings({ scale: "huge", resize: "yes", stats: 1, hosts: [{ url: 5 }], password: "secret" })).toEqual(
    fallback,
  );
});

it("reads anything without throwing, and reads its own result unchanged", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (stored) => {
      const settings = readSettings(stored);
      expect(readSettings(JSON.parse(JSON.stringify(settings)))).toEqual(settings);
    }),
  );
});

it("keeps each host once, newest first, and not without end", () => {
  let hosts: readonly { url: string; user: string }[] = [];
  for (let index = 0; index < 30; index += 1)
    hosts = rememberHost(hosts, { url: `https://h${index % 20}/`, user: "u" });
  expect(hosts).toHaveLength(12);
  expect(hosts[0]?.url).toBe("https://h9/");
  expect(new Set(hosts.map(({ url }) => url)).size).toBe(12);
});
