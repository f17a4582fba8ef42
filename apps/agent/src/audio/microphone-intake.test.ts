import { ProtocolError } from "@eglantine/protocol/field";
import { LIMITS } from "@eglantine/protocol/limits";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { RateError } from "../session/rate.ts";
import { MicrophoneIntake } from "./microphone-intake.ts";
import { FakeSound } from "./testing/fake-sound.ts";

/** 20 ms of CELT. */
const PACKET = Uint8Array.of(0xf8, 1, 2, 3);
let sound: FakeSound;
let intake: MicrophoneIntake;
let clock: { nowMs: number };

beforeEach(() => {
  vi.useFakeTimers();
  sound = new FakeSound();
  clock = { nowMs: 0 };
  intake = new MicrophoneIntake(
    sound,
    () => clock.nowMs,
    () => undefined,
  );
});
afterEach(() => {
  intake.close();
  vi.useRealTimers();
});

const take = (sequence: number, source = 1, data = PACKET) => intake.take(source, { sequence, data });
const lost = () => sound.microphones.map(({ written }) => written.map((one) => one.lost));

it("hands packets on in order, and says how many are missing", () => {
  intake.turn(true);
  for (const sequence of [65_534, 65_535, 0, 3, 2, 3, 4]) take(sequence);
  expect(lost()).toEqual([[0, 0, 0, 2, 0]]);
});

it("begins anew with another path, whose numbers are others", () => {
  intake.turn(true);
  take(100, 1);
  take(7, 0);
  take(9, 0);
  expect(lost()).toEqual([[0, 0, 1]]);
});

it("takes a long gap for a pause", () => {
  intake.turn(true);
  take(1);
  take(1000);
  expect(lost()).toEqual([[0, 0]]);
});

it("opens nothing before it is turned on, and refuses what comes then", () => {
  expect(() => take(1)).toThrow(ProtocolError);
  intake.turn(true);
  expect(sound.microphones).toEqual([]);
  take(1);
  expect(sound.microphones).toHaveLength(1);
});

it("drops what was on its way when it was turned off, and closes its stream", () => {
  intake.turn(true);
  take(1);
  intake.turn(false);
  take(2);
  expect(sound.microphones.map(({ closed, written }) => [closed, written.length])).toEqual([[true, 1]]);
});

it("closes its stream when nothing comes for some seconds, and opens another one then", () => {
  intake.turn(true);
  take(1);
  vi.advanceTimersByTime(3000);
  expect(sound.microphones[0]?.closed).toBe(true);
  take(90);
  expect(lost()).toEqual([[0], [0]]);
});

it("refuses what is no Opus", () => {
  intake.turn(true);
  expect(() => take(1, 1, new Uint8Array(0))).toThrow(ProtocolError);
  expect(() => take(1, 1, Uint8Array.of(0xfb, 0))).toThrow(ProtocolError);
  expect(sound.microphones).toEqual([]);
});

it("takes what a stall of some seconds has held up", () => {
  intake.turn(true);
  for (let sequence = 0; sequence < 5 * 100; sequence++) take(sequence);
  expect(sound.microphones[0]?.written).toHaveLength(500);
});

it("refuses more packets than a microphone has, and more sound than time", () => {
  intake.turn(true);
  const tiny = Uint8Array.of(0x80);
  for (let sequence = 0; sequence < 10 * LIMITS.microphonePerSecond; sequence++) take(sequence, 1, tiny);
  expect(() => take(9999, 1, tiny)).toThrow(RateError);
  clock.nowMs = 10_000;
  const long = Uint8Array.of(0x18 | 1, 1, 2);
  for (let sequence = 10_000; sequence < 10_166; sequence++) take(sequence, 1, long);
  expect(() => take(10_166, 1, long)).toThrow(/more sound than time/);
});
