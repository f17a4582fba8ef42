// Many cards of one engine or one cluster are seen at once: whoever asks it asks in turn, one at a time. Used by `openings.ts`.

import type { DesktopState } from "../../shared/desktops.ts";

/** Of a place that does not answer, which is so for all that is in it. */
const AWAY: ReadonlySet<string> = new Set<DesktopState["condition"]>(["away", "engine-away", "cluster-away"]);

export class Turns {
  /** By place, while somebody asks or waits. */
  readonly #last = new Map<string, Promise<DesktopState | undefined>>();

  /** Rejects with the signal's reason where that is aborted before its turn comes. */
  take(place: string, signal: AbortSignal, ask: () => Promise<DesktopState>): Promise<DesktopState> {
    const before = this.#last.get(place);
    const asking = this.#inTurn(before, signal, ask);
    // What fails is its own caller's.
    const settled = asking.catch(() => undefined);
    this.#last.set(place, settled);
    void settled.finally(() => {
      if (this.#last.get(place) === settled) this.#last.delete(place);
    });
    return asking;
  }

  async #inTurn(
    before: Promise<DesktopState | undefined> | undefined,
    signal: AbortSignal,
    ask: () => Promise<DesktopState>,
  ): Promise<DesktopState> {
    const found = await before;
    signal.throwIfAborted();
    // It did not answer just now, while we waited: the next one needn't wait for that again.
    return found !== undefined && AWAY.has(found.condition) ? found : ask();
  }
}
