// Annex B byte streams (ITU-T H.264 and H.265, annex B): where their NAL units are. Used by `h264.ts` and `h265.ts`.

const START_CODE = Buffer.from([0, 0, 1]);

/** Start and end of each NAL unit, pairwise; one array for all parts, since they are cut one after the other. */
const bounds: number[] = [];

/**
 * Finds the NAL units without copying: `[start, end, start, end, …]` without start codes and trailing zero bytes. The array
 * is reused by the next call.
 */
export function findNalUnits(stream: Buffer): readonly number[] {
  bounds.length = 0;
  for (let code = stream.indexOf(START_CODE); code >= 0; ) {
    const start = code + START_CODE.length;
    code = stream.indexOf(START_CODE, start);
    let end = code < 0 ? stream.length : code;
    while (end > start && stream[end - 1] === 0) end -= 1;
    if (end > start) bounds.push(start, end);
  }
  return bounds;
}
