import { expect, it } from "vitest";
import { Latches } from "./latches.ts";

const CTRL = { code: "ControlLeft", key: "Control" };
const ALT = { code: "AltLeft", key: "Alt" };

function latches() {
  const log: string[] = [];
  const port = {
    hold: ({ key }: { key: string }) => log.push(`+${key}`),
    letGo: ({ key }: { key: string }) => log.push(`-${key}`),
  };
  return { log, latches: new Latches(port) };
}

it("holds modifiers until the next key has gone", () => {
  const { latches: row, log } = latches();
  row.toggle(CTRL);
  row.toggle(ALT);
  expect([...row.held.get().keys()]).toEqual(["ControlLeft", "AltLeft"]);
  row.settle();
  row.settle();
  expect(log).toEqual(["+Control", "+Alt", "-Control", "-Alt"]);
  expect(row.held.get().size).toBe(0);
});

it("lets one go that is touched again", () => {
  const { latches: row, log } = latches();
  row.toggle(CTRL);
  row.toggle(CTRL);
  row.settle();
  expect(log).toEqual(["+Control", "-Control"]);
});

it("forgets what was let go of elsewhere", () => {
  const { latches: row, log } = latches();
  row.toggle(CTRL);
  row.forget();
  row.settle();
  expect(log).toEqual(["+Control"]);
});
