// The target fell, less was in flight, and everything is as late as before: a queue of ours that refills, on a path that became
// narrower still, or a way that is longer now? The same delay, and the rate a window's in both. So nothing is sent until all has
// arrived, and then a picture alone: what makes that one late is no queue of ours. Pure; used by `window.ts`.

export interface EmptyPath {
  /** Wanted; ends with the picture that leaves alone. */
  wanted: boolean;
  sinceMs: number;
  fromBytes: number;
  /** What came while it was waited for: how long a picture may take by itself, bit/s. */
  drainBps: number;
  /** Where the first part of that picture ends; NaN: none is under way. */
  aloneBytes: number;
  /** How late the one before was; Infinity: there was none. */
  lateMs: number;
  /** It was a queue: the target may fall as far as it must. */
  wasQueue: boolean;
}

/** A queue; a longer way, by so much; or to be seen once more, since one answer may be late by itself. */
type Verdict = "queue" | "longer" | "again" | undefined;

export function createEmptyPath(): EmptyPath {
  return {
    wanted: false,
    sinceMs: 0,
    fromBytes: 0,
    drainBps: 0,
    aloneBytes: Number.NaN,
    lateMs: Number.POSITIVE_INFINITY,
    wasQueue: false,
  };
}

/** A picture is to leave alone or did, and no other may be beside it. */
export function holdsBack(state: EmptyPath): boolean {
  return state.wanted || !Number.isNaN(state.aloneBytes);
}

export function wantEmptyPath(state: EmptyPath, ackedBytes: number, nowMs: number): void {
  if (state.wanted) return;
  state.wanted = true;
  state.sinceMs = nowMs;
  state.fromBytes = ackedBytes;
}

/** Nothing was in flight any more, and a part left that ends there. */
export function leftAlone(
  state: EmptyPath,
  endBytes: number,
  acked: { readonly bytes: number; readonly atMs: number },
  targetBps: number,
): void {
  if (!state.wanted) return;
  state.wanted = false;
  state.aloneBytes = endBytes;
  if (state.lateMs !== Number.POSITIVE_INFINITY) return;
  const drainedBps = ((acked.bytes - state.fromBytes) * 8000) / Math.max(1, acked.atMs - state.sinceMs);
  state.drainBps = drainedBps > 0 ? Math.min(targetBps, drainedBps) : targetBps;
}

/** The part that ends there was acknowledged, `overMs` later than by the shortest round trip. Undefined when it was not alone. */
export function judgeAlone(
  state: EmptyPath,
  part: { readonly endBytes: number; readonly pictureBytes: number },
  overMs: number,
  mostMs: number,
): Verdict {
  if (!(part.endBytes >= state.aloneBytes)) return undefined;
  state.aloneBytes = Number.NaN;
  const lateMs = overMs - (part.pictureBytes * 8000) / state.drainBps;
  if (lateMs <= mostMs) {
    state.lateMs = Number.POSITIVE_INFINITY;
    state.wasQueue = true;
    return "queue";
  }
  const again = state.lateMs === Number.POSITIVE_INFINITY;
  state.lateMs = Math.min(lateMs, state.lateMs);
  if (!again) return "longer";
  state.wanted = true;
  return "again";
}

/** What was to be found out is known, or is no question any more. */
export function settleEmptyPath(state: EmptyPath): void {
  state.wanted = false;
  state.aloneBytes = Number.NaN;
  state.lateMs = Number.POSITIVE_INFINITY;
  state.wasQueue = false;
}
