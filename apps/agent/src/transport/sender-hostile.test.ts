import { ProtocolError } from "@eglantine/protocol/field";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { accessUnit } from "../testing/fake-media.ts";
import { Sender } from "./sender.ts";

const LIMITS = { startBps: 8e6, minBps: 300e3, maxBps: 50e6 };

function open(write: (packet: Buffer) => void): Sender {
  return new Sender({
    formats: [{ format: "h264", codec: "h264", chroma: "420", payloadType: 108, parameters: "", rtxPayloadType: 109 }],
    fecPayloadType: 49,
    extensions: { transportSequence: 4 },
    mtuBytes: 1200,
    ...LIMITS,
    framesPerSecond: 60,
    write,
    onKeyframeNeeded: () => undefined,
    onSilence: () => undefined,
    onAlive: () => undefined,
    onTargetBps: (targetBps) => expect(targetBps).toBeGreaterThan(0),
  });
}

const u16 = fc.integer({ min: 0, max: 0xffff });
const words = (...values: number[]): number[] => values.flatMap((value) => [(value >> 8) & 0xff, value & 0xff]);
const rtcp = (count: number, type: number, body: readonly number[]): Uint8Array =>
  Uint8Array.from([0x80 | count, type, ...words((4 + body.length) / 4 - 1), ...body]);

/** Well-formed messages of a viewer who lies: any packets, any times, any echo. */
const lie = fc.oneof(
  fc
    .record({
      base: u16,
      reference: fc.integer({ min: 0, max: 0xffffff }),
      deltas: fc.array(fc.integer({ min: -32768, max: 32767 }), { minLength: 2, maxLength: 60 }),
    })
    .map(({ base, reference, deltas }) => {
      const large = deltas.length - (deltas.length % 2);
      const head = [0, 0, 0, 1, 0, 0, 0, 2, ...words(base, large), reference >> 16, ...words(reference & 0xffff), 1];
      const body = [...head, ...words(0x4000 | large), ...words(...deltas.slice(0, large)), 0, 0];
      return rtcp(15, 205, body);
    }),
  fc
    .array(fc.tuple(u16, u16), { minLength: 1, maxLength: 30 })
    .map(
      (entries) => (ssrc: number) =>
        rtcp(1, 205, [
          0,
          0,
          0,
          1,
          ...words(ssrc >>> 16, ssrc & 0xffff),
          ...entries.flatMap((entry) => words(...entry)),
        ]),
    ),
  fc
    .array(fc.integer({ min: 0, max: 0xff }), { minLength: 20, maxLength: 20 })
    .map((rest) => (ssrc: number) => rtcp(1, 201, [0, 0, 0, 1, ...words(ssrc >>> 16, ssrc & 0xffff), ...rest])),
);

test("whatever a viewer says of our packets, the rate stays within its limits and the numbers are numbers", () => {
  vi.useFakeTimers();
  try {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(lie, fc.integer({ min: 0, max: 300 })), { minLength: 1, maxLength: 60 }),
        (lies) => {
          let sentBytes = 0;
          const sender = open((packet) => {
            sentBytes += packet.length;
          });
          const beganMs = performance.now();
          const data = new Uint8Array(20_000).fill(7);
          data.set([0, 0, 0, 1, 0x65]);
          for (const [make, waitMs] of lies) {
            sender.send({ ...accessUnit(1), data, keyframe: true });
            vi.advanceTimersByTime(waitMs);
            try {
              sender.onRtcp(typeof make === "function" ? make(sender.ssrc) : make);
            } catch (error) {
              expect(error).toBeInstanceOf(ProtocolError);
            }
            const { targetBps, roundTripMs, queueMs, lossFraction, fecFraction } = sender.counters();
            expect(targetBps).toBeGreaterThanOrEqual(LIMITS.minBps);
            expect(targetBps).toBeLessThanOrEqual(LIMITS.maxBps);
            expect(roundTripMs).toBeGreaterThan(0);
            expect(roundTripMs).toBeLessThanOrEqual(60_000);
            for (const value of [queueMs, lossFraction, fecFraction]) expect(Number.isFinite(value)).toBe(true);
          }
          // Media, and no more repair than the most that may be spent on it.
          const seconds = (performance.now() - beganMs) / 1000;
          expect(sentBytes).toBeLessThan(lies.length * 23_000 * 2 + (LIMITS.maxBps / 8) * (seconds + 0.5));
          sender.close();
        },
      ),
      { numRuns: 150 },
    );
  } finally {
    vi.useRealTimers();
  }
});
