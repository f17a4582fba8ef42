// Runs a packetizer and keeps its payloads, with what holds for every codec checked: sizes, counts, and who is last.

import { expect } from "vitest";
import type { CodedPart, Packetizer } from "../payload.ts";

export interface Payload {
  readonly bytes: number[];
  readonly last: boolean;
}

/** In front of each payload, as an RTP header would be; a packetizer must not touch it. */
const OFFSET = 8;

export function part(data: readonly number[] | Uint8Array, more: Partial<CodedPart> = {}): CodedPart {
  return {
    data: Buffer.from(data),
    keyframe: false,
    first: true,
    last: true,
    widthPx: 640,
    heightPx: 360,
    ...more,
  };
}

export function collect(packetizer: Packetizer, coded: CodedPart, maxPayloadBytes: number): Payload[] {
  const payloads: Payload[] = [];
  const bytes = new Uint8Array(OFFSET + maxPayloadBytes + 16);
  const count = packetizer.packetize(coded, maxPayloadBytes, {
    bytes,
    offset: OFFSET,
    commit(sizeBytes, last) {
      payloads.push({ bytes: [...bytes.subarray(OFFSET, OFFSET + sizeBytes)], last });
      bytes.fill(0);
    },
  });
  expect(count).toBe(payloads.length);
  for (const payload of payloads) expect(payload.bytes.length).toBeLessThanOrEqual(maxPayloadBytes);
  expect(payloads.map(({ last }) => last)).toEqual(payloads.map((_payload, index) => index === payloads.length - 1));
  return payloads;
}

export function annexB(units: readonly (readonly number[])[], startCode = [0, 0, 0, 1]): Uint8Array {
  return Uint8Array.from(units.flatMap((unit) => [...startCode, ...unit]));
}
