// What the hands do may come over more than one path: which one counts now, which messages have been had before, and what has been
// taken. Pure. The rules are those of protocol `input.ts` (`resume`) and `feedback.ts` (`inputAck`); used by `input-intake.ts`.

/** A path that input comes by: the WebSocket, or one WebRTC peer. */
export type InputSource = number;

export interface InputOrder {
  /** The path that counts; undefined before the first message. */
  source: InputSource | undefined;
  /** Messages of the input channel that were taken in this session, modulo 2^32. */
  count: number;
  /** So many of the next ones were taken before. */
  skip: number;
}

/** `take`: it is the next one. `skip`: it was taken before. `ignore`: it comes late over a path that was left. */
export type Verdict = "take" | "skip" | "ignore";

export function createInputOrder(): InputOrder {
  return { source: undefined, count: 0, skip: 0 };
}

/** A message of the input channel, `motion`, `padAxes` and `resume` left out. */
export function nextInput(state: InputOrder, source: InputSource): Verdict {
  state.source ??= source;
  if (source !== state.source) return "ignore";
  if (state.skip > 0) {
    state.skip -= 1;
    return "skip";
  }
  state.count = (state.count + 1) >>> 0;
  return "take";
}

/** Input goes on over this path with message `count` + 1. True: messages between are lost for good. */
export function resumeInput(state: InputOrder, source: InputSource, count: number): boolean {
  const ahead = (count - state.count) | 0;
  state.source = source;
  state.skip = Math.max(0, -ahead);
  if (ahead <= 0) return false;
  state.count = count;
  return true;
}
