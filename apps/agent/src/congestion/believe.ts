// What of a viewer's feedback is believed, and what is made of the part that got lost. From `transport/feedback.ts` by way of
// `controller.ts`: hostile or broken feedback must not poison sums and windows.

import type { PacketResult } from "./types.ts";

export const MAX_ROUND_TRIP_MS = 60_000;
const MAX_TIME_MS = 1e12;
const MAX_PACKET_BYTES = 65_535;
/** Packets whose feedback was lost, taken into account at once. */
const MAX_GAP = 10_000;

/** What a program that means well may say. */
export function believable({ sequence, sentMs, sizeBytes, arrivedMs }: PacketResult, nowMs: number): boolean {
  return (
    Number.isSafeInteger(sequence) &&
    sentMs <= nowMs &&
    nowMs - sentMs < MAX_ROUND_TRIP_MS &&
    sizeBytes > 0 &&
    sizeBytes <= MAX_PACKET_BYTES &&
    !(Math.abs(arrivedMs) > MAX_TIME_MS)
  );
}

/**
 * Packets of which no feedback will tell, since it was lost itself, count as having fared like those behind them: how many bytes
 * arrived with the first of these, and when.
 */
export function unreported(
  results: readonly PacketResult[],
  highestSequence: number,
): { bytes: number; arrivedMs: number } | undefined {
  const first = results.find(({ arrivedMs }) => !Number.isNaN(arrivedMs));
  const gap = (results[0]?.sequence ?? 0) - highestSequence - 1;
  if (first === undefined || !(gap > 0 && gap < MAX_GAP)) return undefined;
  const meanBytes = results.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / results.length;
  if (!(meanBytes > 0 && meanBytes <= MAX_PACKET_BYTES) || Math.abs(first.arrivedMs) > MAX_TIME_MS) return undefined;
  return { bytes: gap * meanBytes, arrivedMs: first.arrivedMs };
}
