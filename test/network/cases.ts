// The networks that the stream is put through, as steps in time; what they are is the list. Run by measure.ts.

import type { ShapedDesk } from "./shaped-desk.ts";

export interface Step {
  readonly atMs: number;
  /** What the link carries from now on; undefined: as before. */
  readonly rateBps?: number;
  act?(desk: ShapedDesk): void;
}

export interface NetworkCase {
  readonly name: string;
  readonly seconds: number;
  readonly steps: readonly Step[];
  /** Only where UDP is part of the story. */
  readonly paths: readonly ("webrtc" | "socket")[];
}

export const MBPS = 1e6;
const BOTH = ["webrtc", "socket"] as const;

/** 2 % of the packets are lost, each by itself. */
const RANDOM_LOSS = 0.02;
const BURST_MS = 200;
const BURST_EVERY_MS = 4000;

function delay({ relay }: ShapedDesk, oneWayMs: number, jitterMs: number): void {
  Object.assign(relay.up, { delayMs: oneWayMs, jitterMs: 0 });
  Object.assign(relay.down, { delayMs: oneWayMs, jitterMs });
}

export const CASES: readonly NetworkCase[] = [
  {
    name: "steady 10 Mbit/s",
    seconds: 15,
    paths: BOTH,
    steps: [{ atMs: 0, rateBps: 10 * MBPS }],
  },
  {
    name: "20 → 3 → 20 Mbit/s",
    seconds: 30,
    paths: BOTH,
    steps: [
      { atMs: 0, rateBps: 20 * MBPS },
      { atMs: 10_000, rateBps: 3 * MBPS },
      { atMs: 20_000, rateBps: 20 * MBPS },
    ],
  },
  {
    name: "capacity halves, 10 → 5 Mbit/s",
    seconds: 16,
    paths: BOTH,
    steps: [
      { atMs: 0, rateBps: 10 * MBPS },
      { atMs: 8_000, rateBps: 5 * MBPS },
    ],
  },
  {
    name: "2 % random loss",
    seconds: 20,
    paths: BOTH,
    steps: [
      { atMs: 0, rateBps: 20 * MBPS },
      { atMs: 1, act: ({ network }) => network.lose(RANDOM_LOSS) },
    ],
  },
  {
    name: "bursts of 200 ms",
    seconds: 20,
    paths: ["webrtc"],
    steps: [
      { atMs: 0, rateBps: 20 * MBPS },
      {
        atMs: 1,
        act: ({ relay }) => {
          relay.down.loses = (nowMs) => nowMs % BURST_EVERY_MS < BURST_MS;
        },
      },
    ],
  },
  {
    name: "100 ms round trip, 30 ms jitter",
    seconds: 20,
    paths: BOTH,
    steps: [
      { atMs: 0, rateBps: 20 * MBPS },
      { atMs: 1, act: (desk) => delay(desk, 50, 30) },
    ],
  },
  {
    name: "40 ms round trip, packets overtake each other",
    seconds: 16,
    paths: ["webrtc"],
    steps: [
      { atMs: 0, rateBps: 20 * MBPS },
      {
        atMs: 1,
        act: (desk) => {
          delay(desk, 20, 10);
          desk.relay.down.reorders = true;
        },
      },
    ],
  },
  {
    name: "UDP cut for 5 s",
    seconds: 16,
    paths: ["webrtc"],
    steps: [
      { atMs: 0, rateBps: 20 * MBPS },
      {
        atMs: 5000,
        act: ({ relay }) => {
          relay.udpCut = true;
        },
      },
      {
        atMs: 10_000,
        act: ({ relay }) => {
          relay.udpCut = false;
        },
      },
    ],
  },
  {
    name: "agent paused for 2 s",
    seconds: 12,
    paths: BOTH,
    steps: [
      { atMs: 0, rateBps: 20 * MBPS },
      { atMs: 5000, act: ({ agent }) => void process.kill(agent.pid, "SIGSTOP") },
      { atMs: 7000, act: ({ agent }) => void process.kill(agent.pid, "SIGCONT") },
    ],
  },
];
