import { expect, test, vi } from "vitest";
import { createLog } from "../log.ts";
import { Tally } from "../tally.ts";
import { Refusals } from "./refusals.ts";

test("everybody is counted; the log has one line a second for each reason, with the count so far", () => {
  const tally = new Tally<"wrong" | "crowded">();
  const log = createLog("silent");
  const warn = vi.spyOn(log, "warn");
  let nowMs = 0;
  const refusals = new Refusals(tally, "refused", () => nowMs, log);
  for (; nowMs < 2000; nowMs += 10) refusals.add("wrong", { address: "10.0.0.1" });
  refusals.add("crowded", { address: "10.0.0.2", detail: "full" });
  expect(tally.toJSON()).toEqual({ wrong: 200, crowded: 1 });
  expect(warn.mock.calls).toEqual([
    [{ address: "10.0.0.1", reason: "wrong", count: 1 }, "refused"],
    [{ address: "10.0.0.1", reason: "wrong", count: 101 }, "refused"],
    [{ address: "10.0.0.2", detail: "full", reason: "crowded", count: 1 }, "refused"],
  ]);
});
