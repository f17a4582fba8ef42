// What becomes of a window whose page has died: it is loaded again, with the same desktop, unless that happens too often. PURE. Asked by
// `windows/window-desk.ts`, one for each window.

export type AfterCrash =
  /** The session comes back by itself. */
  | "reload"
  /** The page says what happened, and waits for the user. */
  | "tell";

const MOST = 3;
const SPAN_MS = 60_000;

export class CrashBudget {
  #crashesMs: number[] = [];

  crashed(nowMs: number): AfterCrash {
    this.#crashesMs = this.#crashesMs.filter((atMs) => nowMs - atMs < SPAN_MS);
    if (this.#crashesMs.length >= MOST) return "tell";
    this.#crashesMs.push(nowMs);
    return "reload";
  }
}
