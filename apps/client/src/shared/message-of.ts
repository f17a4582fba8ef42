/** What was thrown, in words: JavaScript throws anything. PURE. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
