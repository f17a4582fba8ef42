// What a viewer drops onto programs, on a desktop and a folder that keep what they are asked.

import type { AgentControl } from "@eglantine/protocol/control";
import { LIMITS } from "@eglantine/protocol/limits";
import { beforeEach, expect, test } from "vitest";
import { FakeDesktop } from "../testing/fake-desktop.ts";
import { Drops } from "./drops.ts";

let desktop: FakeDesktop;
let said: AgentControl[];

beforeEach(() => {
  desktop = new FakeDesktop();
  desktop.dropTarget = 7;
  said = [];
});

const drops = (up = true) =>
  new Drops({
    desktop,
    files: { placed: async (_policy, wanted) => wanted.map(({ names }) => `/folder/${names.join("/")}`) },
    policy: { up, down: true, folder: "Downloads" },
    send: (message) => void said.push(message),
  });
const aim = (drop: number) => ({ type: "dropAim" as const, drop, xPx: 3, yPx: 4 });
const files = (drop: number) => ({ type: "dropFiles" as const, drop, files: [{ names: ["one"] }] });

test("what was aimed is given to the window that was there, once, and the viewer is told", async () => {
  const one = drops();
  one.aim(aim(1));
  await one.give(files(1));
  await one.give(files(1));
  expect(desktop.drops).toEqual([{ spot: { xPx: 3, yPx: 4 }, window: 7, paths: ["/folder/one"] }]);
  expect(said).toEqual([expect.objectContaining({ type: "notice", level: "info" })]);
});

test("a program that takes none is named with the folder; where there is no program nothing is said", async () => {
  desktop.dropOutcome = "refused";
  const one = drops();
  one.aim(aim(1));
  await one.give(files(1));
  expect(said).toEqual([expect.objectContaining({ text: expect.stringContaining("Downloads") })]);
  desktop.dropTarget = undefined;
  one.aim(aim(2));
  await one.give(files(2));
  expect([desktop.drops.length, said.length]).toEqual([1, 1]);
});

test("who may put no files in drops none, and of many aims the last ones are kept", async () => {
  const none = drops(false);
  none.aim(aim(1));
  await none.give(files(1));
  expect(desktop.drops).toEqual([]);
  const many = drops();
  for (let drop = 1; drop <= LIMITS.drops + 1; drop += 1) many.aim(aim(drop));
  await many.give(files(1));
  expect(desktop.drops).toEqual([]);
  await many.give(files(2));
  expect(desktop.drops).toHaveLength(1);
});
