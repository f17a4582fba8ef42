import { expect, test } from "vitest";
import { Prober } from "./prober.ts";

const CLUSTER = { id: 3, bps: 8e6, bytes: 30_000 };

test("a cluster leaves at its rate, until its bytes have left, and not a second time", () => {
  const prober = new Prober();
  expect(prober.offer(CLUSTER, 0)).toBe(true);
  const leftMs: number[] = [];
  for (let nowMs = 0; nowMs < 200; nowMs += 1) {
    while (prober.due(nowMs)) {
      leftMs.push(nowMs);
      prober.sent(1000);
    }
  }
  expect(leftMs).toHaveLength(30);
  expect(leftMs.at(-1)).toBe(29);
  expect(leftMs[10]).toBe(10);
  expect(prober.id).toBeUndefined();
  expect(prober.offer(CLUSTER, 300)).toBe(false);
  expect(prober.offer({ ...CLUSTER, id: 4 }, 300)).toBe(true);
});

test("after a stall it does not make up for all of it at once", () => {
  const prober = new Prober();
  prober.offer(CLUSTER, 0);
  prober.due(0);
  prober.sent(1000);
  let packets = 0;
  while (prober.due(100)) {
    prober.sent(1000);
    packets += 1;
  }
  expect(packets).toBeLessThanOrEqual(6);
});

test("one that was stopped owes nothing", () => {
  const prober = new Prober();
  prober.offer(CLUSTER, 0);
  prober.stop();
  expect(prober.due(10)).toBe(false);
});
