// Whether a program sets the pointer back, as games do that grab nothing: it is hidden, and found at the same place again although it was
// put elsewhere meanwhile. Pure. Asked by `grabs.ts` at each of its looks; it holds until the pointer is shown again.

export interface Spot {
  readonly xPx: number;
  readonly yPx: number;
}

const same = (one: Spot | undefined, other: Spot): boolean => one?.xPx === other.xPx && one.yPx === other.yPx;

export class Warps {
  /** Where it was found although it had been put elsewhere, and where that was. */
  #found: { readonly at: Spot; readonly put: Spot } | undefined;
  #holds = false;

  /** `put`: where the viewers' hands have put it last; undefined: they count, and point nowhere. */
  look(at: Spot, put: Spot | undefined, hidden: boolean): boolean {
    if (!hidden) {
      this.#found = undefined;
      this.#holds = false;
    } else if (put !== undefined && !same(put, at)) {
      const before = this.#found;
      if (same(before?.at, at) && !same(before?.put, put)) this.#holds = true;
      this.#found = { at, put };
    }
    return this.#holds;
  }
}
