// What somebody probably meant who gave a name that is none. Used by the options' table and `video/select.ts`.

/** The name with the fewest edits (Levenshtein distance), the first of several. */
export function nearestOf(given: string, names: readonly string[]): string {
  const distances = names.map((name) => ({ name, edits: edits(given.toLowerCase(), name) }));
  return distances.reduce((best, next) => (next.edits < best.edits ? next : best)).name;
}

function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
