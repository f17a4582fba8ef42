import { expect, test } from "vitest";
import { readCommand } from "../config/load.ts";
import { createLog } from "../log.ts";
import { runChecks } from "./doctor.ts";
import { Place } from "./place.ts";
import type { Check, Finding } from "./types.ts";

const PASS: Finding = { verdict: "pass", seen: "it", means: "well" };

function place(): Place {
  const command = readCommand(["doctor"], {});
  if (command.name !== "doctor") throw new Error("not doctor");
  return new Place({ config: command.config, environment: () => ({}), log: createLog("silent") });
}

function check(name: string, run: Check["run"], more: Partial<Check> = {}): Check {
  return { name, group: "machine", title: name, doc: "", limitMs: 60_000, run, ...more };
}

const never = (): Promise<Finding> => new Promise(() => undefined);

test("rows come in the checks' order, however they end", async () => {
  const told: string[] = [];
  let release: (finding: Finding) => void = () => undefined;
  const slow = check("slow", () => new Promise((resolve) => (release = resolve)));
  const quick = check("quick", async () => {
    queueMicrotask(() => release(PASS));
    return PASS;
  });
  const rows = await runChecks([slow, quick], place(), new AbortController().signal, ({ name }) => told.push(name));
  expect(told).toEqual(["quick", "slow"]);
  expect(rows.map(({ name }) => name)).toEqual(["slow", "quick"]);
});

test("checks that measure run behind the others, one at a time", async () => {
  const running = new Set<string>();
  const seen: string[] = [];
  const watched = (name: string, more: Partial<Check> = {}) =>
    check(
      name,
      async () => {
        running.add(name);
        seen.push([...running].join("+"));
        await new Promise((resolve) => setImmediate(resolve));
        running.delete(name);
        return PASS;
      },
      more,
    );
  const checks = [watched("a", { alone: true }), watched("b"), watched("c"), watched("d", { alone: true })];
  await runChecks(checks, place(), new AbortController().signal);
  expect(seen).toEqual(["b", "b+c", "a", "d"]);
});

test("a check that hangs has failed, and is told to stop", async () => {
  let told = false;
  const hanging = check(
    "hanging",
    (_, signal) => {
      signal.addEventListener("abort", () => (told = true));
      return never();
    },
    { limitMs: 20 },
  );
  const [row] = await runChecks([hanging], place(), new AbortController().signal);
  expect(row).toMatchObject({ verdict: "fail", seen: "No answer within 0.02 s" });
  expect(told).toBe(true);
});

test("a check that throws, at once or later, fails alone", async () => {
  const rows = await runChecks(
    [
      check("at once", () => {
        throw new Error("TURN_PASSWORD: is missing");
      }),
      check("later", () => Promise.reject(new Error("gone"))),
      check("well", async () => PASS),
    ],
    place(),
    new AbortController().signal,
  );
  expect(rows.map(({ verdict, seen }) => `${verdict} ${seen}`)).toEqual([
    "fail TURN_PASSWORD: is missing",
    "fail gone",
    "pass it",
  ]);
});

test("a run that is broken off rejects at once, and begins no further check", async () => {
  const abort = new AbortController();
  const begun: string[] = [];
  const run = runChecks(
    [
      check("hanging", () => {
        begun.push("hanging");
        queueMicrotask(() => abort.abort());
        return never();
      }),
      check(
        "measuring",
        () => {
          begun.push("measuring");
          return never();
        },
        { alone: true },
      ),
    ],
    place(),
    abort.signal,
  );
  await expect(run).rejects.toThrow();
  expect(begun).toEqual(["hanging"]);
});
