// Order statistics of a figure's samples. Nothing is discarded: a sample that never came is counted in `missing`.

export interface Summary {
  readonly count: number;
  readonly missing: number;
  readonly min: number;
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

/** Linear between the two nearest ranks; NaN without values. `share` is 0 to 1. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const low = sorted[Math.floor(position)] ?? Number.NaN;
  const high = sorted[Math.ceil(position)] ?? Number.NaN;
  return low + (high - low) * (position - Math.floor(position));
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export function summarise(values: readonly (number | undefined)[]): Summary {
  const present = values.filter((value) => value !== undefined);
  return {
    count: present.length,
    missing: values.length - present.length,
    min: quantile(present, 0),
    median: quantile(present, 0.5),
    p95: quantile(present, 0.95),
    max: quantile(present, 1),
  };
}
