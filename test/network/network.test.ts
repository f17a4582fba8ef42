// Story: my network is narrow, lossy, far away or gone for a while, and the picture goes on. How well is measured by `pnpm
// bench --only network`; here it must go on at all, in order, in one session, over either path.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HeadlessBrowser } from "../harness/browser.ts";
import { MBPS, type NetworkCase } from "./cases.ts";
import { measureNetwork } from "./measure.ts";
import { namespaceRefusal } from "./namespace.ts";

const refusal = namespaceRefusal();

/** Of the benchmark's cases, those that break most, shortened. */
const SHORT: readonly NetworkCase[] = [
  {
    name: "narrows from 20 to 2 Mbit/s",
    seconds: 6,
    paths: ["webrtc", "socket"],
    steps: [
      { atMs: 0, rateBps: 20 * MBPS },
      { atMs: 2000, rateBps: 2 * MBPS },
    ],
  },
  {
    name: "loses 2 % of all packets at random",
    seconds: 6,
    paths: ["webrtc", "socket"],
    steps: [
      { atMs: 0, rateBps: 20 * MBPS },
      { atMs: 1, act: ({ network }) => network.lose(0.02) },
    ],
  },
  {
    name: "is 100 ms away and jitters",
    seconds: 6,
    paths: ["webrtc", "socket"],
    steps: [
      { atMs: 0, rateBps: 20 * MBPS },
      {
        atMs: 1,
        act: ({ relay }) => {
          Object.assign(relay.up, { delayMs: 50 });
          Object.assign(relay.down, { delayMs: 50, jitterMs: 30 });
        },
      },
    ],
  },
  {
    name: "has an agent that sleeps for a second",
    seconds: 6,
    paths: ["webrtc"],
    steps: [
      { atMs: 0, rateBps: 20 * MBPS },
      { atMs: 2000, act: ({ agent }) => void process.kill(agent.pid, "SIGSTOP") },
      { atMs: 3000, act: ({ agent }) => void process.kill(agent.pid, "SIGCONT") },
    ],
  },
];

let browser: HeadlessBrowser;
beforeAll(async () => {
  browser = await HeadlessBrowser.start();
});
afterAll(() => browser?.close());

describe.skipIf(refusal !== undefined)(`a network that${refusal === undefined ? "" : ` (skipped: ${refusal})`}`, () => {
  for (const which of SHORT) {
    test.each(which.paths)(`${which.name}, %s`, async (path) => {
      const figure = await measureNetwork(browser, which, path, true);
      expect(figure.disordered).toBe(0);
      // Also on a machine that is busy with other things.
      expect(figure.frames).toBeGreaterThan(20);
      expect(figure.lastNewMs).toBeLessThan(2000);
    });
  }
});
