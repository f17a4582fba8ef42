// Every reason for which the launcher fails has a sentence and a remedy, and wants nothing filled in that the shell does not give.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { GPU_GAPS, LAUNCHER_REASONS } from "../../../shared/launcher.ts";

/** As `main/launcher/failure.ts` and those who throw a LauncherError of their own fill them in. */
const GIVEN = ["engine", "socket", "image", "name", "port", "why", "field", "address", "code", "seconds"];
const words = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../messages/en/launcher.json"), "utf8"),
) as Readonly<Record<string, string>>;

it.each(LAUNCHER_REASONS)("says what happened and what to do: %s", (reason) => {
  for (const key of [`failed.${reason}`, `remedy.${reason}`]) {
    expect(words[key], key).toMatch(/\.( |$)|: .*$/);
    for (const [, name = ""] of (words[key] ?? "").matchAll(/\{(\w+)\}/g)) expect(GIVEN).toContain(name);
  }
});

it.each(GPU_GAPS)("says what a GPU lacks: %s", (gap) => {
  expect(words[`gap.${gap}`]).toMatch(/\.$/);
});
