import { describe, expect, it } from "vitest";
import { Playout, SAMPLES_PER_MS } from "./playout.ts";

const BLOCK = 128;
const PACKET = 480;

interface Arrival {
  readonly atMs: number;
  readonly timestamp: number;
  readonly samples: Float32Array;
}

/** A sine from `from` on, 48 kHz clock; its first sample is zero at clock 0. */
function sine(from: number, samples = PACKET, hz = 440, level = 0.5): Float32Array {
  return Float32Array.from({ length: samples }, (_, index) =>
    Math.fround(level * Math.sin((2 * Math.PI * hz * (from + index)) / 48_000)),
  );
}

/** Packets of a tone, `delayMs` after they were made. */
function tone(seconds: number, delayMs: (packet: number) => number, clock = 1): Arrival[] {
  return Array.from({ length: seconds * 100 }, (_, packet) => ({
    atMs: (packet + 1) * 10 * clock + delayMs(packet),
    timestamp: 1_000_000 + packet * PACKET,
    samples: sine(packet * PACKET),
  }));
}

/** Plays what arrives, block by block, on the player's clock. */
function play(arrivals: readonly Arrival[], seconds: number, playout = new Playout(1)): Float32Array {
  const due = [...arrivals].sort((a, b) => a.atMs - b.atMs || a.timestamp - b.timestamp);
  const out = new Float32Array(Math.floor((seconds * 48_000) / BLOCK) * BLOCK);
  for (let at = 0; at < out.length; at += BLOCK) {
    const nowMs = at / SAMPLES_PER_MS;
    while ((due[0]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs) {
      const { timestamp, samples, atMs } = due.shift() as Arrival;
      playout.push(timestamp, [samples], atMs, nowMs);
    }
    playout.pull([out.subarray(at, at + BLOCK)], nowMs);
  }
  return out;
}

const steepest = (samples: Float32Array): number =>
  samples.reduce((most, sample, index) => Math.max(most, Math.abs(sample - (samples[index - 1] ?? 0))), 0);
const loudest = (samples: Float32Array): number =>
  samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
function troubles(playout: Playout): number {
  const { underruns, skips, gaps } = playout.numbers;
  return underruns + skips + gaps;
}
/** Of a sine of 440 Hz at 0.5; a click is steeper. */
const SINE_STEP = 0.5 * 2 * Math.PI * (440 / 48_000) * 1.1;

describe("sound that arrives evenly", () => {
  it("is played unchanged, and soon", () => {
    const playout = new Playout(1);
    const out = play(
      tone(5, () => 0),
      5,
      playout,
    );
    const from = out.findIndex((sample) => Math.abs(sample) > 0.01);
    expect(from / SAMPLES_PER_MS).toBeLessThan(50);
    expect(troubles(playout)).toBe(0);
    expect(loudest(out.subarray(from + 4800))).toBeCloseTo(0.5, 2);
    expect(steepest(out)).toBeLessThan(SINE_STEP);
    // The frequency, by the zeros that it goes up through.
    const body = out.subarray(48_000, 4 * 48_000);
    const crossings = body.filter((sample, index) => sample >= 0 && (body[index - 1] ?? 0) < 0).length;
    expect(Math.abs(crossings - 3 * 440)).toBeLessThan(3);
  });

  it("keeps each channel apart", () => {
    const playout = new Playout(2);
    const [left, right] = [new Float32Array(BLOCK), new Float32Array(BLOCK)];
    for (let packet = 0; packet < 20; packet++) {
      const channels = [new Float32Array(PACKET).fill(0.25), new Float32Array(PACKET).fill(-0.5)];
      playout.push(packet * PACKET, channels, packet * 10, packet * 10);
    }
    for (let block = 0; block < 5; block++) playout.pull([left, right], 300);
    expect(left[BLOCK - 1]).toBeCloseTo(0.25, 5);
    expect(right[BLOCK - 1]).toBeCloseTo(-0.5, 5);
  });
});

describe("a network that scatters", () => {
  it("is met by a longer buffer, without a gap after the first second", () => {
    const playout = new Playout(1);
    let dice = 1;
    const delayMs = (): number => {
      dice = (Math.imul(dice, 1_103_515_245) + 12_345) >>> 0;
      return (dice / 2 ** 32) * 60;
    };
    const arrivals = tone(20, delayMs).map((one, index, all) => ({
      ...one,
      // TCP keeps the order.
      atMs: Math.max(...all.slice(Math.max(0, index - 10), index + 1).map(({ atMs }) => atMs)),
    }));
    play(arrivals.slice(0, 300), 3, playout);
    const before = playout.numbers.underruns;
    expect(playout.numbers.targetMs).toBeGreaterThan(50);
    expect(playout.numbers.targetMs).toBeLessThan(110);
    const whole = new Playout(1);
    const out = play(arrivals, 20, whole);
    expect(whole.numbers.underruns).toBe(before);
    expect(steepest(out)).toBeLessThan(SINE_STEP);
  });

  it("after a stall of 400 ms catches up at once, without a click", () => {
    const playout = new Playout(1);
    const arrivals = tone(6, (packet) => (packet >= 200 && packet < 240 ? (240 - packet) * 10 : 0));
    const out = play(arrivals, 6, playout);
    expect(playout.numbers.underruns).toBe(1);
    expect(playout.bufferedMs).toBeLessThan(playout.numbers.targetMs + 60);
    expect(steepest(out)).toBeLessThan(3 * SINE_STEP);
  });
});

describe("packets that are missing", () => {
  it("are filled, without a click or a hole, one at a time", () => {
    const playout = new Playout(1);
    const arrivals = tone(10, () => 0).filter((_, packet) => packet % 50 !== 33);
    const out = play(arrivals, 10, playout);
    expect(playout.numbers).toMatchObject({ gaps: 20, skips: 0 });
    expect(playout.numbers.underruns).toBeLessThanOrEqual(1);
    expect(steepest(out)).toBeLessThan(3 * SINE_STEP);
    for (let at = 24_000; at < 9 * 48_000; at += 480) {
      expect(loudest(out.subarray(at, at + 480))).toBeGreaterThan(0.25);
    }
  });

  it("fade to silence when they are many, and what follows them is heard again", () => {
    const playout = new Playout(1);
    const out = play(
      tone(3, () => 0).filter((_, packet) => packet < 100 || packet >= 120),
      3,
      playout,
    );
    expect(steepest(out)).toBeLessThan(3 * SINE_STEP);
    expect(loudest(out.subarray(1.13 * 48_000, 1.18 * 48_000))).toBeLessThan(0.05);
    expect(loudest(out.subarray(2 * 48_000, 2.5 * 48_000))).toBeCloseTo(0.5, 1);
  });
});

describe("two clocks that differ", () => {
  it.each([1.001, 0.999])("by a factor of %f are evened out without a gap or a skip", (clock) => {
    const playout = new Playout(1);
    const out = play(
      tone(60, () => 2, clock),
      Math.floor(59 * Math.min(1, clock)),
      playout,
    );
    expect(troubles(playout)).toBe(0);
    expect(Math.abs(playout.bufferedMs - playout.numbers.targetMs)).toBeLessThan(25);
    expect(steepest(out)).toBeLessThan(SINE_STEP);
  });
});

describe("silence", () => {
  const sound = (atMs: number, timestamp: number, packets: number, silentPackets: number): Arrival[] =>
    Array.from({ length: packets + silentPackets }, (_, packet) => ({
      atMs: atMs + (packet + 1) * 10,
      timestamp: timestamp + packet * PACKET,
      samples: packet < packets ? sine(packet * PACKET) : new Float32Array(PACKET),
    }));

  it("ends a sound without being missed, and the next one is whole", () => {
    const playout = new Playout(1);
    const out = play([...sound(0, 0, 3, 19), ...sound(3000, 144_000, 3, 19)], 5, playout);
    expect(playout.numbers.underruns).toBe(0);
    for (const from of [0, 144_000]) {
      const heard = out.subarray(from, from + 48_000);
      const first = heard.findIndex((sample) => Math.abs(sample) > 0.02);
      const last = heard.findLastIndex((sample) => Math.abs(sample) > 0.02);
      expect((last - first) / SAMPLES_PER_MS).toBeGreaterThan(27);
      expect(first / SAMPLES_PER_MS).toBeLessThan(60);
    }
  });

  it("a sound that is shorter than the buffer is played all the same", () => {
    const playout = new Playout(1);
    expect(loudest(play(sound(0, 0, 2, 0), 1, playout))).toBeGreaterThan(0.4);
  });
});

describe("timestamps", () => {
  it("that are off by rounding make no gap", () => {
    const playout = new Playout(1);
    const arrivals = tone(3, () => 0).map((one, index) => ({
      ...one,
      timestamp: one.timestamp + ((index * 7) % 3) - 1,
    }));
    const out = play(arrivals, 3, playout);
    expect(troubles(playout)).toBe(0);
    expect(steepest(out)).toBeLessThan(SINE_STEP);
  });

  it("that go back begin anew", () => {
    const playout = new Playout(1);
    const arrivals = tone(1, () => 0).concat(
      tone(1, () => 1500).map((one) => ({ ...one, timestamp: one.timestamp - 900_000 })),
    );
    const out = play(arrivals, 3, playout);
    expect(loudest(out.subarray(2 * 48_000))).toBeCloseTo(0.5, 1);
  });

  it("a page that asks for nothing for a minute does not keep it all", () => {
    const playout = new Playout(1);
    for (const { timestamp, samples, atMs } of tone(60, () => 0)) playout.push(timestamp, [samples], atMs, 0);
    expect(playout.bufferedMs).toBeLessThan(1400);
  });
});
