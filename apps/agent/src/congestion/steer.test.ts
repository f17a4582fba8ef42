import { expect, test } from "vitest";
import { capBps, createDataCap, setCap, spendCap } from "./data-cap.ts";
import { addPicture, createSteer, setSteerLimits, settled, steer, type Steered, type SteerLimits } from "./steer.ts";

const LIMITS: SteerLimits = {
  preset: "balanced",
  framesPerSecond: 60,
  chroma: "auto",
  maxBps: 50e6,
  capBytesPerHour: undefined,
  has444: true,
};
const PIXELS = 1920 * 1080;

/** A source in virtual time: pictures of which `changed` is new, at the rate and bitrate that the steering allows. */
class Source {
  readonly state;
  nowMs = 0;
  changed = 1;
  /** Share of the bitrate that the content takes. */
  used = 0.95;
  moving = true;
  /** Frames a second that the machine codes of the whole desktop. */
  pace = Infinity;
  steered: Steered;
  readonly all: Steered[] = [];
  sentBytes = 0;
  /** What no picture is smaller than, bytes. */
  leastBytes = 0;

  constructor(limits: Partial<SteerLimits> = {}) {
    this.state = createSteer({ ...LIMITS, ...limits });
    this.steered = steer(
      this.state,
      { targetBps: 50e6, cpuFramesPerSecond: Infinity, paceFramesPerSecond: Infinity, spentBytes: 0 },
      0,
    );
  }

  run(durationMs: number, targetBps: number | ((nowMs: number) => number), cpuFramesPerSecond = Infinity): Steered {
    for (const untilMs = this.nowMs + durationMs; this.nowMs < untilMs; ) {
      this.nowMs += 250;
      let spentBytes = 0;
      if (this.moving && !this.steered.held) {
        const framesPerSecond = Math.min(this.steered.framesPerSecond, this.pace / this.steered.scale ** 2);
        const pictures = framesPerSecond / 4;
        const bytes = Math.max(this.leastBytes, (this.steered.bitrateBps * this.used) / 8 / framesPerSecond);
        for (let i = 0; i < pictures; i += 1) {
          addPicture(this.state, { bytes, changed: this.changed, pixels: PIXELS, refinement: false });
        }
        spentBytes = bytes * pictures;
      }
      this.sentBytes += spentBytes;
      const bps = typeof targetBps === "number" ? targetBps : targetBps(this.nowMs);
      const paceFramesPerSecond = this.pace / this.steered.scale ** 2;
      this.steered = steer(
        this.state,
        { targetBps: bps, cpuFramesPerSecond, paceFramesPerSecond, spentBytes },
        this.nowMs,
      );
      this.all.push(this.steered);
    }
    return this.steered;
  }
}

const changes = (all: readonly Steered[], of: (steered: Steered) => unknown): number =>
  all.filter((steered, index) => index > 0 && of(steered) !== of(all[index - 1] ?? steered)).length;

test("with enough bits everything stays as it was wanted", () => {
  expect(new Source().run(5000, 20e6)).toMatchObject({ bitrateBps: 20e6, framesPerSecond: 60, scale: 1 });
});

test("games give up size before frame rate", () => {
  const source = new Source({ preset: "games" });
  expect(source.run(5000, 2e6)).toMatchObject({ framesPerSecond: 60 });
  expect(source.steered.scale).toBeLessThan(1);
  expect(source.run(5000, 400e3).framesPerSecond).toBeLessThan(60);
});

test("text gives up frame rate and never size", () => {
  const source = new Source({ preset: "text" });
  const { framesPerSecond } = source.run(5000, 2e6);
  expect(framesPerSecond).toBeLessThan(30);
  source.run(5000, 300e3);
  expect(source.all.every(({ scale }) => scale === 1)).toBe(true);
  expect(source.steered.framesPerSecond).toBeLessThan(framesPerSecond);
});

test("balanced lowers frame rate first, then size", () => {
  const source = new Source();
  expect(source.run(5000, 5e6)).toMatchObject({ scale: 1, framesPerSecond: 40 });
  const narrow = source.run(5000, 1.5e6);
  expect(narrow.scale).toBeLessThan(1);
  expect(narrow.framesPerSecond).toBeLessThan(40);
});

test("what changes little needs no rung, however narrow the path", () => {
  const source = new Source();
  source.changed = 0.02;
  expect(source.run(10_000, 400e3)).toMatchObject({ framesPerSecond: 60, scale: 1 });
});

test("what stops using its bits comes back to the best rung", () => {
  const source = new Source();
  expect(source.run(10_000, 1e6).scale).toBeLessThan(1);
  source.used = 0.2;
  expect(source.run(60_000, 1e6)).toMatchObject({ framesPerSecond: 60, scale: 1 });
});

test("a rate that swings by a third every second changes the size at most once in ten seconds", () => {
  const source = new Source();
  source.run(40_000, (nowMs) => 1.8e6 * (1 + 0.33 * Math.sign(Math.sin((nowMs * Math.PI) / 1000))));
  expect(changes(source.all, ({ scale }) => scale)).toBeLessThanOrEqual(4);
  expect(changes(source.all, ({ framesPerSecond }) => framesPerSecond)).toBeLessThanOrEqual(8);
});

test("when the path is wide again, frame rate and size come back", () => {
  const source = new Source();
  source.run(5000, 700e3);
  expect(source.steered.scale).toBeLessThan(1);
  expect(source.run(60_000, 20e6)).toMatchObject({ framesPerSecond: 60, scale: 1 });
});

test("when the rate comes back, frame rate and size do in one step, and only the first time in a while", () => {
  const source = new Source();
  source.run(5000, 20e6);
  source.run(12_000, 1e6);
  expect(source.steered.scale).toBe(0.5);
  const from = source.all.length;
  expect(source.run(1000, 17e6)).toMatchObject({ framesPerSecond: 60, scale: 1 });
  expect(changes(source.all.slice(from), ({ scale }) => scale)).toBe(1);
  source.run(4000, 1e6);
  expect(source.run(2000, 17e6).scale).toBeLessThan(1);
});

test("a rate that falls for less than 2 s costs frames, not size", () => {
  const source = new Source();
  source.run(5000, 20e6);
  expect(source.run(1750, 1e6)).toMatchObject({ framesPerSecond: 30, scale: 1 });
  source.run(3000, 20e6);
  expect(source.steered).toMatchObject({ framesPerSecond: 60, scale: 1 });
  expect(changes(source.all, ({ scale }) => scale)).toBe(0);
  const games = new Source({ preset: "games" });
  games.run(1750, 1e6);
  expect(games.steered).toMatchObject({ framesPerSecond: 60, scale: 1 });
});

test("a machine that codes 15 frames a second is not taken for a narrow path, nor is a part of the processor", () => {
  const slow = new Source();
  slow.pace = 15;
  expect(slow.run(10_000, 3e6)).toMatchObject({ framesPerSecond: 60, scale: 1 });
  expect(new Source({ preset: "games" }).run(10_000, 3e6, 15)).toMatchObject({ framesPerSecond: 15, scale: 1 });
  // The path is narrow for what it does code.
  expect(slow.run(10_000, 1e6).scale).toBeLessThan(1);
});

test("what fits a small picture and not a larger one stays small", () => {
  const source = new Source();
  expect(source.run(10_000, 1e6).scale).toBe(0.5);
  // A quarter of the rate at half size is more than half of it at the next.
  source.used = 0.29;
  source.run(60_000, 1e6);
  source.used = 0.95;
  const from = source.all.length;
  source.run(5000, 1e6);
  for (let round = 0; round < 10; round += 1) {
    // The same content costs by its pixels and frames.
    for (let step = 0; step < 20; step += 1) {
      source.used = Math.min(0.95, 0.28 * 4 * source.steered.scale ** 2 * (source.steered.framesPerSecond / 15));
      source.run(250, 1e6);
    }
  }
  expect(changes(source.all.slice(from + 20), ({ scale }) => scale)).toBeLessThanOrEqual(2);
});

test("nothing is left to decide on a still desktop", () => {
  const source = new Source();
  source.run(5000, 1e6);
  expect(settled(source.state)).toBe(false);
  source.moving = false;
  source.run(120_000, 1e6);
  expect(settled(source.state)).toBe(true);
});

test("the processor share limits the frame rate", () => {
  expect(new Source().run(2000, 20e6, 24).framesPerSecond).toBe(24);
});

test("4:4:4 comes for text on a wide path, and goes with full-screen motion, each after a while", () => {
  const source = new Source();
  source.changed = 0.02;
  source.used = 0.2;
  source.run(4000, 10e6);
  expect(source.steered.chroma).toBe("420");
  expect(source.run(25_000, 10e6).chroma).toBe("444");
  source.changed = 1;
  expect(source.run(2000, 10e6).chroma).toBe("444");
  expect(source.run(30_000, 10e6).chroma).toBe("420");
  expect(changes(source.all, ({ chroma }) => chroma)).toBe(2);
});

test("4:4:4 stays away where path, viewer, preset or wish have none", () => {
  const none: [Partial<SteerLimits>, number][] = [
    [{}, 3e6],
    [{ has444: false }, 20e6],
    [{ has444: false, chroma: "444" }, 20e6],
    [{ preset: "games" }, 20e6],
    [{ chroma: "420" }, 20e6],
  ];
  for (const [limits, targetBps] of none) {
    const source = new Source(limits);
    source.changed = 0.01;
    expect(source.run(30_000, targetBps).chroma).toBe("420");
  }
  expect(new Source({ chroma: "444" }).run(1000, 1e6).chroma).toBe("444");
});

test("scrolling every few seconds does not make the colours flap", () => {
  const source = new Source({ preset: "text" });
  source.used = 0.2;
  for (let round = 0; round < 20; round += 1) {
    source.changed = 0.8;
    source.run(2000, 10e6);
    source.changed = 0.02;
    source.run(4000, 10e6);
  }
  expect(changes(source.all, ({ chroma }) => chroma)).toBeLessThanOrEqual(4);
});

test("a cap holds over any hour, the rate falls gently and never to nothing", () => {
  const capBytes = 1e9;
  const source = new Source({ preset: "metered", capBytesPerHour: capBytes });
  const sentAt: number[] = [];
  for (let minute = 0; minute < 150; minute += 1) {
    source.run(60_000, 20e6);
    sentAt.push(source.sentBytes);
  }
  for (let minute = 60; minute < sentAt.length; minute += 1) {
    expect((sentAt[minute] ?? 0) - (sentAt[minute - 60] ?? 0)).toBeLessThanOrEqual(capBytes);
  }
  expect(Math.min(...source.all.map(({ bitrateBps }) => bitrateBps))).toBeGreaterThan((0.7 * capBytes * 8) / 3600);
  // From one second to the next it never falls by more than a tenth.
  for (let i = 4; i < source.all.length; i += 1) {
    const [before, after] = [source.all[i - 4], source.all[i]];
    expect(after?.bitrateBps ?? 0).toBeGreaterThan(0.9 * (before?.bitrateBps ?? 0));
  }
  expect(source.all.map(({ cap }) => cap).filter((cap, i, all) => cap !== all[i - 1])).toEqual(["none", "low", "out"]);
});

test.each([
  ["text", 22.5e6],
  ["metered", 22.5e6],
  ["games", 22.5e6],
  ["text", 67e6],
] as const)(
  "with %s a cap of %d bytes holds where no picture can be as small as it asks for, and pictures still come",
  (preset, capBytesPerHour) => {
    const source = new Source({ preset, capBytesPerHour });
    source.leastBytes = 30_000;
    source.run(3_600_000, 20e6);
    expect(source.sentBytes).toBeLessThan(capBytesPerHour);
    const before = source.sentBytes;
    source.run(3_600_000, 20e6);
    expect(source.sentBytes - before).toBeLessThan(capBytesPerHour);
    expect(source.sentBytes - before).toBeGreaterThan(0.5 * capBytesPerHour);
    // None waits for longer than what a trickle takes for it.
    const held = source.all.map((steered) => (steered.held ? "x" : " ")).join("");
    const longestMs = 250 * Math.max(...held.split(" ").map(({ length }) => length));
    expect(longestMs).toBeLessThan(400_000);
  },
);

test("an overdrawn cap still lets a trickle through, and recovers", () => {
  const cap = createDataCap(100e6);
  capBps(cap, 0);
  spendCap(cap, 50e6);
  const trickle = capBps(cap, 1000);
  expect(trickle).toBeGreaterThan(40e3);
  expect(trickle).toBeLessThan((100e6 * 8) / 3600 / 2);
  expect(capBps(cap, 3_600_000)).toBeGreaterThan(5 * trickle);
});

test("another cap and back, or none for a while, is no fresh start", () => {
  const source = new Source({ preset: "metered", capBytesPerHour: 100e6 });
  source.run(600_000, 20e6);
  const spent = source.sentBytes;
  for (let round = 0; round < 20; round += 1) {
    for (const capBytesPerHour of [99e6, 100e6]) {
      setSteerLimits(source.state, { ...LIMITS, preset: "metered", capBytesPerHour });
      expect(source.run(1000, 20e6).cap).toBe("out");
    }
  }
  expect(source.sentBytes - spent).toBeLessThan(2e6);
  source.moving = false;
  setSteerLimits(source.state, { ...LIMITS, preset: "metered" });
  source.run(1000, 20e6);
  setSteerLimits(source.state, { ...LIMITS, preset: "metered", capBytesPerHour: 100e6 });
  expect(source.run(1000, 20e6).cap).toBe("out");
});

test("what was spent under a large cap holds a small one back for less than an hour", () => {
  const cap = createDataCap(1e9);
  capBps(cap, 0);
  spendCap(cap, 240e6);
  setCap(cap, 50e6);
  expect(capBps(cap, 1000)).toBeLessThan((50e6 * 8) / 3600 / 2);
  expect(capBps(cap, 3_600_000)).toBeGreaterThan((0.7 * 50e6 * 8) / 3600);
  setCap(cap, 1e9);
  expect(cap.tokens).toBeLessThanOrEqual(240e6);
});

test("another preset begins on its best rung, and what was spent of a cap stays spent", () => {
  const source = new Source({ preset: "metered", capBytesPerHour: 100e6 });
  source.run(600_000, 20e6);
  expect(source.steered).toMatchObject({ cap: "out" });
  setSteerLimits(source.state, { ...LIMITS, preset: "games", capBytesPerHour: 100e6 });
  expect(source.run(250, 20e6).cap).toBe("out");
  setSteerLimits(source.state, LIMITS);
  expect(source.run(250, 20e6)).toMatchObject({ cap: "none", bitrateBps: 20e6, framesPerSecond: 60 });
});
