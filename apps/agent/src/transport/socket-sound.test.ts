import { socketMediaCodec } from "@eglantine/protocol/socket";
import { expect, it } from "vitest";
import { soundPacket } from "../audio/testing/fake-sound.ts";
import { SocketSound } from "./socket-sound.ts";

class FakeLine {
  readonly frames: Uint8Array[] = [];
  readonly bufferedBytes = 0;
  #taken: (() => void)[] = [];

  sendBinary(head: Uint8Array, _data?: Uint8Array, taken?: () => void): void {
    this.frames.push(head);
    if (taken !== undefined) this.#taken.push(taken);
  }

  /** The network takes all that waits. */
  drain(): void {
    for (const taken of this.#taken.splice(0)) taken();
  }
}

it("numbers packets, and lets their clock wrap", () => {
  const line = new FakeLine();
  const sound = new SocketSound(line);
  sound.send(soundPacket(2 ** 32 - 480));
  line.drain();
  sound.send(soundPacket(2 ** 32));
  const sent = line.frames.map((frame) => socketMediaCodec.decode(frame));
  expect(sent).toMatchObject([
    { type: "audio", sequence: 0, timestamp: 2 ** 32 - 480, channels: 2 },
    { type: "audio", sequence: 1, timestamp: 0, channels: 2 },
  ]);
  expect(sound.sentBytes).toBe(line.frames.reduce((sum, { length }) => sum + length, 0));
});

it("leaves out what a network that takes nothing would bring too late", () => {
  const line = new FakeLine();
  const sound = new SocketSound(line);
  for (let packet = 0; packet < 100; packet++) sound.send(soundPacket(packet * 480));
  expect(line.frames).toHaveLength(30);
  line.drain();
  sound.send(soundPacket(48_000));
  expect(socketMediaCodec.decode(line.frames.at(-1) ?? new Uint8Array(0))).toMatchObject({ sequence: 100 });
});
