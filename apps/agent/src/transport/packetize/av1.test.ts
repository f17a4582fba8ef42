import fc from "fast-check";
import { expect, test } from "vitest";
import { Av1Packetizer } from "./av1.ts";
import { collect, part, type Payload } from "./testing/collect.ts";

const SEQUENCE_HEADER = 1;
const TEMPORAL_DELIMITER = 2;
const FRAME = 6;
const PADDING = 15;

function leb128(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb128(value >> 7)];
}

/** An OBU with a size field, as encoders write it. */
const sized = (type: number, payload: readonly number[], extension?: number): number[] => [
  (type << 3) | 2 | (extension === undefined ? 0 : 4),
  ...(extension === undefined ? [] : [extension]),
  ...leb128(payload.length),
  ...payload,
];
/** The same as it travels. */
const bare = (type: number, payload: readonly number[], extension?: number): number[] => [
  (type << 3) | (extension === undefined ? 0 : 4),
  ...(extension === undefined ? [] : [extension]),
  ...payload,
];
const run = (length: number, from = 0) => Array.from({ length }, (_value, index) => (from + index) & 0xff);

/** What a receiver does (section 4.4): OBU elements, put together over packets by Z and Y. */
function reassemble(payloads: readonly Payload[]): number[][] {
  const obus: number[][] = [];
  let open = false;
  for (const { bytes } of payloads) {
    const header = bytes[0] ?? 0;
    const count = (header >> 4) & 3;
    expect((header & 0x80) !== 0).toBe(open);
    const elements: number[][] = [];
    for (let at = 1; at < bytes.length; ) {
      let size = bytes.length - at;
      if (count === 0 || elements.length < count - 1) {
        size = 0;
        for (let shift = 0; ; shift += 7, at += 1) {
          size += ((bytes[at] ?? 0) & 0x7f) << shift;
          if (((bytes[at] ?? 0) & 0x80) === 0) break;
        }
        at += 1;
      }
      elements.push(bytes.slice(at, at + size));
      at += size;
    }
    if (count > 0) expect(elements).toHaveLength(count);
    for (const [index, element] of elements.entries()) {
      expect(element.length).toBeGreaterThan(0);
      if (index === 0 && open) obus.at(-1)?.push(...element);
      else obus.push(element);
    }
    open = (header & 0x40) !== 0;
  }
  expect(open).toBe(false);
  return obus;
}

test("a keyframe goes without delimiter and sizes, two OBUs in the first packet, the second going on", () => {
  const unit = [
    ...sized(TEMPORAL_DELIMITER, []),
    ...sized(SEQUENCE_HEADER, [0xa0, 0xa1, 0xa2]),
    ...sized(FRAME, run(40)),
  ];
  expect(collect(new Av1Packetizer(), part(unit, { keyframe: true }), 32)).toEqual([
    { bytes: [0x68, 4, 0x08, 0xa0, 0xa1, 0xa2, 0x30, ...run(25)], last: false },
    { bytes: [0x90, ...run(15, 25)], last: true },
  ]);
});

test("a small frame is one packet with one element", () => {
  const unit = [...sized(TEMPORAL_DELIMITER, []), ...sized(FRAME, run(10), 0x08)];
  expect(collect(new Av1Packetizer(), part(unit), 32)).toEqual([{ bytes: [0x10, 0x34, 0x08, ...run(10)], last: true }]);
});

test("an OBU whose size stands nowhere goes to the end, padding stays behind, what is cut off is left out", () => {
  const packets = (unit: number[]) => reassemble(collect(new Av1Packetizer(), part(unit), 32));
  expect(packets([...sized(PADDING, [1, 2]), FRAME << 3, 9, 8])).toEqual([[FRAME << 3, 9, 8]]);
  expect(packets([...sized(FRAME, [7]), (FRAME << 3) | 2, 200, 1])).toEqual([bare(FRAME, [7])]);
});

test("any temporal unit comes back, and a packet ends at the end of an OBU only where the unit does", () => {
  const obu = fc.record({
    type: fc.constantFrom(SEQUENCE_HEADER, 3, 4, 5, FRAME, 7),
    payload: fc.uint8Array({ minLength: 1, maxLength: 500 }).map((bytes) => [...bytes]),
    extension: fc.option(fc.nat(255), { nil: undefined }),
  });
  fc.assert(
    fc.property(
      fc.array(obu, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 32, max: 400 }),
      fc.boolean(),
      (obus, max, keyframe) => {
        const unit = [
          ...sized(TEMPORAL_DELIMITER, []),
          ...obus.flatMap(({ type, payload, extension }) => sized(type, payload, extension)),
        ];
        const payloads = collect(new Av1Packetizer(), part(unit, { keyframe }), max);
        expect(reassemble(payloads)).toEqual(
          obus.map(({ type, payload, extension }) => bare(type, payload, extension)),
        );
        expect(payloads.map(({ bytes }) => ((bytes[0] ?? 0) & 0x40) === 0)).toEqual(payloads.map(({ last }) => last));
        expect(payloads.map(({ bytes }) => ((bytes[0] ?? 0) & 0x08) !== 0)).toEqual(
          payloads.map((_payload, index) => keyframe && index === 0),
        );
      },
    ),
  );
});
