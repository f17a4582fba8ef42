import { expect, it } from "vitest";
import type { DesktopTarget, SavedDesktop } from "../../../shared/desktops.ts";
import { isFound, targetText, usualName } from "./target-words.ts";

const TARGETS: readonly (readonly [DesktopTarget, string, string])[] = [
  [{ kind: "url", url: "https://desk.example:8080/lab/" }, "desk.example:8080/lab", "desk.example:8080"],
  // That it is not encrypted is to be seen.
  [{ kind: "url", url: "http://desk.example/" }, "http://desk.example", "desk.example"],
  [{ kind: "ssh", destination: "me@attic", agent: "127.0.0.1:8080" }, "ssh://me@attic", "me@attic"],
  [{ kind: "container", engine: "default", container: "desk-1" }, "desk-1 · default", "desk-1"],
  [{ kind: "pod", context: "c", namespace: "n", name: "p" }, "p · n · c", "p"],
];

it.each(TARGETS)("writes %j as %s, and calls it %s", (target, text, name) => {
  expect(targetText(target)).toBe(text);
  expect(usualName(target)).toBe(name);
});

it("finds a desktop by words of its name, its user and its target, in any order and case", () => {
  const target = { kind: "url", url: "https://desk.example/" } as const;
  const desktop: SavedDesktop = { id: "1", name: "Große Werkstatt", user: "ada", target, lastUsedMs: 0 };
  for (const search of ["", "werk", "WERK", "ada große", "desk.example", "example ada werk"])
    expect([search, isFound(desktop, search)]).toEqual([search, true]);
  for (const search of ["attic", "werk attic", "https"])
    expect([search, isFound(desktop, search)]).toEqual([search, false]);
});
