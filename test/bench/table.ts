// A table of figures and the words around them, before it becomes Markdown or text. Made by report.ts and network/table.ts.

export interface Table {
  readonly title: string;
  /** Sentences before the table. */
  readonly notes: readonly string[];
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export const number = (value: number | undefined, digits = 1) =>
  value === undefined || Number.isNaN(value) ? "–" : value === Number.POSITIVE_INFINITY ? "∞" : value.toFixed(digits);
export const verdict = (met: boolean) => (met ? "met" : "**missed**");
