import type { AgentControl } from "@eglantine/protocol/control";
import { ProtocolError } from "@eglantine/protocol/field";
import { beforeEach, describe, expect, it } from "vitest";
import { FakeSound } from "./testing/fake-sound.ts";
import type { SoundPacket } from "./types.ts";
import { type SoundPolicy, type SoundRepair, ViewerSound, type SoundWish } from "./viewer-sound.ts";

const WISH: SoundWish = { on: true, socket: true, channels: 2 };
let sound: FakeSound;
let told: AgentControl[];
let delivered: SoundPacket[];
let repair: SoundRepair;

beforeEach(() => {
  sound = new FakeSound();
  told = [];
  delivered = [];
  repair = { lossFraction: 0, redundant: false };
});

function viewer(more: { wish?: SoundWish | undefined; policy?: SoundPolicy; viewOnly?: boolean } = {}): ViewerSound {
  return new ViewerSound({
    policy: more.policy ?? { sound, noMicrophone: undefined },
    viewOnly: more.viewOnly ?? false,
    wish: "wish" in more ? more.wish : WISH,
    send: (message) => void told.push(message),
    deliver: (packet) => void delivered.push(packet),
    repair: () => repair,
    nowMs: () => 0,
  });
}

const last = () => told.at(-1) as Extract<AgentControl, { type: "audio" }>;
const listened = () => sound.listening.map(({ settings }) => `${settings.channels} ${settings.lossPercent}`);
/** A second of sound, from this position on. */
function second(from: number, settings: { lossPercent?: number } = {}): number {
  for (let packet = 0; packet < 100; packet++) sound.play(from + packet * 480, settings);
  return from + 48_000;
}

describe("a viewer that hears", () => {
  it("is sent every packet, once", () => {
    viewer();
    sound.play(480);
    sound.play(960);
    sound.play(960);
    expect(delivered.map(({ position }) => position)).toEqual([480, 960]);
  });

  it("is told that there is sound, and why there is none any more", () => {
    viewer();
    expect(last()).toMatchObject({ sound: true, why: "", channels: 2, microphone: "off" });
    sound.listening[0]?.sink.onState("gone");
    expect(last()).toMatchObject({ sound: false, why: "gone" });
    sound.listening[0]?.sink.onState(undefined);
    expect(last()).toMatchObject({ sound: true });
    expect(told).toHaveLength(3);
  });

  it("that is muted is listened for no more, until it is not", () => {
    const one = viewer();
    one.wish({ ...WISH, on: false });
    expect(listened()).toEqual([]);
    one.wish(WISH);
    expect(listened()).toEqual(["2 0"]);
  });

  it("gets as many channels as it wants and the desktop has", () => {
    viewer({ wish: { ...WISH, channels: 8 } });
    expect(listened()).toEqual(["6 0"]);
    expect(last()).toMatchObject({ channels: 6 });
  });

  it("leaves no listener behind", () => {
    const one = viewer();
    one.close();
    expect(listened()).toEqual([]);
    one.wish(WISH);
    expect(listened()).toEqual([]);
  });
});

describe("loss", () => {
  it("asks for in-band repair where packets carry no others, and hears the old ones until the new ones come", () => {
    viewer();
    repair = { lossFraction: 0.03, redundant: false };
    const next = second(480);
    expect(listened()).toEqual(["2 0", "2 5"]);
    sound.play(next);
    expect(delivered).toHaveLength(101);
    sound.play(next, { lossPercent: 5 });
    sound.play(next + 480, { lossPercent: 5 });
    expect(listened()).toEqual(["2 5"]);
    expect(delivered.map(({ position }) => position).slice(-2)).toEqual([next, next + 480]);
  });

  it("asks for none where packets carry others, unless much is lost", () => {
    viewer();
    repair = { lossFraction: 0.05, redundant: true };
    const next = second(480);
    expect(listened()).toEqual(["2 0"]);
    repair = { lossFraction: 0.15, redundant: true };
    second(next);
    expect(listened()).toEqual(["2 0", "2 20"]);
  });

  it("is believed to have ended after ten seconds without, not sooner", () => {
    viewer();
    repair = { lossFraction: 0.03, redundant: false };
    let next = second(480);
    next = second(next, { lossPercent: 5 });
    repair = { lossFraction: 0, redundant: false };
    for (let seconds = 0; seconds < 9; seconds++) next = second(next, { lossPercent: 5 });
    expect(listened()).toEqual(["2 5"]);
    next = second(next, { lossPercent: 5 });
    second(next, { lossPercent: 5 });
    expect(listened()).toEqual(["2 5", "2 0"]);
  });
});

describe("a viewer that knows of no sound", () => {
  it("is sent none and told nothing, and may not speak of it", () => {
    const one = viewer({ wish: undefined });
    expect([listened(), told]).toEqual([[], []]);
    expect(() => one.wish(WISH)).toThrow(ProtocolError);
    expect(() => one.turnMicrophone(true)).toThrow(ProtocolError);
  });
});

describe("a microphone", () => {
  const PACKET = { sequence: 1, data: Uint8Array.of(0xf8, 1) };

  it("is taken when it is turned on, and the viewer is told so", () => {
    const one = viewer();
    one.turnMicrophone(true);
    expect(last()).toMatchObject({ microphone: "on" });
    one.takeMicrophone(1, PACKET);
    expect(sound.microphones[0]?.written).toHaveLength(1);
    one.turnMicrophone(false);
    expect(last()).toMatchObject({ microphone: "off" });
  });

  it("that can't be heard is refused, with the reason", () => {
    const one = viewer();
    one.turnMicrophone(true);
    one.takeMicrophone(1, PACKET);
    sound.microphones[0]?.sink.onState("no sink mic_in");
    expect(last()).toMatchObject({ microphone: "refused", microphoneWhy: "no sink mic_in" });
  });

  it.each([
    ["of one who may only watch", { viewOnly: true }, /not speak to it/],
    ["that the operator does not want", { policy: { sound: new FakeSound(), noMicrophone: "not here" } }, /not here/],
    ["where there is no sound", { policy: { sound: { why: "no server" }, noMicrophone: undefined } }, /no server/],
  ])("%s is refused, on whatever path it comes", (_name, more, why) => {
    const one = viewer(more);
    one.turnMicrophone(true);
    expect(last()).toMatchObject({ microphone: "refused", microphoneWhy: expect.stringMatching(why) });
    expect(() => one.takeMicrophone(1, PACKET)).toThrow(ProtocolError);
  });

  it("ends with its viewer", () => {
    const one = viewer();
    one.turnMicrophone(true);
    one.takeMicrophone(1, PACKET);
    one.close();
    expect(sound.microphones[0]?.closed).toBe(true);
  });
});
