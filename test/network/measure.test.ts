// The judges of the shaped networks judge by hand-made readings: no network is needed.

import { describe, expect, test } from "vitest";
import type { Looked } from "../bench/page-probe.ts";
import { judgeLink, see } from "./measure.ts";

/** The bits that pattern.c draws for a counter. */
function bitsOf(counter: number): number {
  const check = (counter * 167 + (counter >>> 8) * 29 + 89) & 0xff;
  return ((counter & 0xffff) << 8) | check;
}

const looks = (...seen: readonly (readonly [atMs: number, counter: number])[]): Looked[] =>
  seen.map(([atMs, counter]) => [atMs, bitsOf(counter), bitsOf(counter)]);
const drawn = (counter: number, drawnUs: number) => ({ counter, drawnUs, doneUs: drawnUs });
const ms = (us: number) => us / 1000;

describe("what a viewer saw", () => {
  test("is counted once a frame, with its age", () => {
    const seen = see(looks([0, 1], [16, 1], [33, 2]), [drawn(1, -10_000), drawn(2, 20_000)], ms);
    expect(seen).toMatchObject({ frames: 2, disordered: 0, agesMs: [10, 13] });
  });

  test("is out of order when an older frame comes after a newer one, also where the counter wraps", () => {
    expect(see(looks([0, 5], [16, 7], [33, 6]), [], ms).disordered).toBe(1);
    expect(see(looks([0, 0xffff], [16, 0], [33, 1]), [], ms)).toMatchObject({ disordered: 0, frames: 3 });
  });

  test("is frozen from its last new picture on, to the end too", () => {
    const seen = see(looks([0, 1], [100, 2], [500, 3], [1000, 3]), [], ms);
    expect(seen).toMatchObject({ longestFreezeMs: 500, longestFreezeAtMs: 500 });
    expect(seen.frozenShare).toBeCloseTo(0.9);
  });

  test("leaves out what can't be read, and pictures that are torn", () => {
    const samples: Looked[] = [
      [0, bitsOf(1), bitsOf(1)],
      [16, bitsOf(2), bitsOf(3)],
      [33, 12_345, 12_345],
    ];
    expect(see(samples, [], ms).frames).toBe(1);
  });
});

describe("how the link was used", () => {
  const RATE = 8_000_000;
  /** A second of 10 samples: so many bits carried, so long a queue, at this rate. */
  function link(...seconds: readonly { rateBps: number; share: number; queueMs?: number }[]) {
    let bytes = 0;
    return seconds.flatMap(({ rateBps, share, queueMs = 0 }, second) =>
      Array.from({ length: 10 }, (_, tenth) => {
        bytes += (rateBps * share) / 80;
        return { atMs: second * 1000 + tenth * 100, bytes, backlogBytes: (queueMs * rateBps) / 8000, rateBps };
      }),
    );
  }
  const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

  test("is counted once it has settled", () => {
    const unsettled = times(5, { rateBps: RATE, share: 0.1 });
    expect(judgeLink(link(...unsettled, ...times(5, { rateBps: RATE, share: 0.9, queueMs: 7 })))).toMatchObject({
      queueAfterDropMs: undefined,
      recoveryMs: undefined,
    });
    expect(judgeLink(link(...unsettled, ...times(6, { rateBps: RATE, share: 0.9 }))).utilisation).toBeCloseTo(0.9, 1);
  });

  test("has a queue after a drop, judged from its second second on", () => {
    const before = times(3, { rateBps: RATE, share: 1 });
    const after = [
      { rateBps: RATE / 2, share: 1, queueMs: 150 },
      ...times(3, { rateBps: RATE / 2, share: 1, queueMs: 12 }),
    ];
    expect(judgeLink(link(...before, ...after)).queueAfterDropMs).toMatchObject({ p50: 12, worst: 12 });
  });

  test("recovers when a whole second after a rise is used", () => {
    const low = times(3, { rateBps: RATE / 4, share: 1 });
    const climb = [
      { rateBps: RATE, share: 0.3 },
      { rateBps: RATE, share: 0.5 },
      ...times(3, { rateBps: RATE, share: 0.95 }),
    ];
    const { recoveryMs } = judgeLink(link(...low, ...climb));
    expect(recoveryMs).toBeGreaterThan(1500);
    expect(recoveryMs).toBeLessThanOrEqual(2100);
    expect(judgeLink(link(...low, ...times(4, { rateBps: RATE, share: 0.5 }))).recoveryMs).toBe(
      Number.POSITIVE_INFINITY,
    );
  });
});
