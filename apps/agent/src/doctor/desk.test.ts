import { type AgentControl, parseAgentControl } from "@eglantine/protocol/control";
import { LIMITS } from "@eglantine/protocol/limits";
import { expect, test } from "vitest";
import { readCommand } from "../config/load.ts";
import { createLog } from "../log.ts";
import type { DoctorSeat } from "../session/types.ts";
import { DoctorDesk } from "./desk.ts";
import type { Check, Finding } from "./types.ts";

const PASS: Finding = { verdict: "pass", seen: "it", means: "well" };
const RUN = { run: true, measure: true, clockMs: Date.now() };

const check = (name: string, run: Check["run"], more: Partial<Check> = {}): Check => ({
  name,
  group: "machine",
  title: name,
  doc: "",
  limitMs: 60_000,
  run,
  ...more,
});
const never = (): Promise<Finding> => new Promise(() => undefined);

function deskWith(...checks: readonly Check[]): DoctorDesk {
  const command = readCommand(["serve"], {});
  if (command.name !== "serve") throw new Error("not serve");
  const { config } = command;
  return new DoctorDesk({ config: () => config, environment: () => ({}), checks, log: createLog("silent") });
}

/** A viewer; what it is told must be what the protocol takes. */
function enter(desk: DoctorDesk, viewOnly = false) {
  const told: AgentControl[] = [];
  let wake: () => void = () => undefined;
  const seat: DoctorSeat = desk.enter((message) => {
    told.push(parseAgentControl(JSON.stringify(message)));
    wake();
  }, viewOnly);
  const ended = async (): Promise<string | undefined> => {
    for (;;) {
      const end = told.find(({ type }) => type === "doctorEnded");
      if (end?.type === "doctorEnded") return end.why;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return { seat, told, ended, types: () => told.map(({ type }) => type) };
}

test("a viewer is told what is looked at, each row, and the end", async () => {
  const viewer = enter(
    deskWith(
      check("a", async () => PASS),
      check("b", async () => ({ ...PASS, figures: { ms: 3 } })),
    ),
  );
  viewer.seat.take(RUN);
  expect(await viewer.ended()).toBeUndefined();
  expect(viewer.types()).toEqual(["doctorBegun", "doctorRow", "doctorRow", "doctorEnded"]);
  expect(viewer.told[0]).toMatchObject({ checks: [{ name: "a" }, { name: "b" }] });
  expect(viewer.told[2]).toMatchObject({ name: "b", figures: [{ name: "ms", value: 3 }] });
});

test("without measuring, what measures is not looked at", async () => {
  const viewer = enter(
    deskWith(
      check("a", async () => PASS),
      check("b", never, { alone: true }),
    ),
  );
  viewer.seat.take({ ...RUN, measure: false });
  await viewer.ended();
  expect(viewer.told[0]).toMatchObject({ checks: [{ name: "a" }] });
});

test("who may only watch is refused with the reason, and nothing is looked at", async () => {
  let looked = false;
  const desk = deskWith(
    check("a", async () => {
      looked = true;
      return PASS;
    }),
  );
  const watcher = enter(desk, true);
  watcher.seat.take(RUN);
  expect(await watcher.ended()).toMatch(/only watch/);
  expect(watcher.types()).toEqual(["doctorEnded"]);
  expect(looked).toBe(false);
});

test("a second one at the same time is refused, and let in when the first has left", async () => {
  const desk = deskWith(check("a", never));
  const [first, second, third] = [enter(desk), enter(desk), enter(desk)];
  first.seat.take(RUN);
  second.seat.take(RUN);
  expect(await second.ended()).toMatch(/one at a time/);
  first.seat.leave();
  await first.ended();
  third.seat.take(RUN);
  expect(third.types()).toEqual(["doctorBegun"]);
  await desk.close();
  expect(await third.ended()).toBe("It was stopped.");
});

test("one that stops is told so; another viewer's stop does nothing", async () => {
  const desk = deskWith(check("a", never));
  const [first, second] = [enter(desk), enter(desk)];
  first.seat.take(RUN);
  second.seat.take({ ...RUN, run: false });
  expect(first.types()).toEqual(["doctorBegun"]);
  first.seat.take({ ...RUN, run: false });
  expect(await first.ended()).toBe("It was stopped.");
});

test("rows that are too long for a message are cut", async () => {
  const long = "x".repeat(LIMITS.textChars + 1);
  const many = Array.from({ length: LIMITS.doctorDetails + 1 }, () => long);
  const viewer = enter(
    deskWith(check("a", async () => ({ verdict: "fail", seen: long, means: long, fix: long, details: many }))),
  );
  viewer.seat.take(RUN);
  await viewer.ended();
  expect(viewer.types()).toContain("doctorRow");
});
