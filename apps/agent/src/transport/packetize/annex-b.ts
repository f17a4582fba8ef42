// Annex B byte streams (ITU-T H.264 and H.265, annex B): where their NAL units are. Used by `h264.ts` and `h265.ts`.

/** Start and end of each NAL unit, pairwise; one array for all parts, since they are cut one after the other. */
const bounds: number[] = [];

/**
 * Finds the NAL units without copying: `[start, end, start, end, …]` without start codes and trailing zero bytes. The array
 * is reused by the next call.
 */
export function findNalUnits(stream: Uint8Array): readonly number[] {
  bounds.length = 0;
  const size = stream.length;
  let start = -1;
  let index = 0;
  while (index + 2 < size) {
    const third = stream[index + 2] as number;
    if (third > 1) {
      index += 3;
    } else if (third === 1 && stream[index] === 0 && stream[index + 1] === 0) {
      if (start >= 0) addNalUnit(stream, start, index);
      start = index + 3;
      index = start;
    } else {
      index += 1;
    }
  }
  if (start >= 0) addNalUnit(stream, start, size);
  return bounds;
}

function addNalUnit(stream: Uint8Array, start: number, end: number): void {
  let last = end;
  while (last > start && stream[last - 1] === 0) last -= 1;
  if (last > start) bounds.push(start, last);
}
