// A gamepad of the Gamepad API as the protocol's `padState`, and what of it is to be said when. Pure. From `gamepads.ts`.

import type { InputMessage } from "@eglantine/protocol/input";

type PadMessage = Extract<InputMessage, { type: "padState" | "padAxes" }>;

/** All of a pad, without its number. */
export type PadState = Omit<Extract<InputMessage, { type: "padState" }>, "type" | "index" | "sequence">;

export const PAD_AT_REST: PadState = {
  buttons: 0,
  leftX: 0,
  leftY: 0,
  rightX: 0,
  rightY: 0,
  leftTrigger: 0,
  rightTrigger: 0,
};

/** The standard layout's buttons, and which of them are the triggers. */
const BUTTONS = 17;
const [LEFT_TRIGGER, RIGHT_TRIGGER] = [6, 7];

/** Whatever a driver may have given the browser. */
const within = (low: number, value: number): number => Math.max(low, Math.min(1, value || 0));
const axis = (value = 0): number => Math.round(within(-1, value) * (value < 0 ? 32_768 : 32_767));
const trigger = (value = 0): number => Math.round(within(0, value) * 255);

export function padStateOf({ buttons, axes }: Pick<Gamepad, "buttons" | "axes">): PadState {
  let held = 0;
  for (const [number, { pressed }] of buttons.slice(0, BUTTONS).entries()) if (pressed) held |= 1 << number;
  return {
    buttons: held,
    leftX: axis(axes[0]),
    leftY: axis(axes[1]),
    rightX: axis(axes[2]),
    rightY: axis(axes[3]),
    leftTrigger: trigger(buttons[LEFT_TRIGGER]?.value),
    rightTrigger: trigger(buttons[RIGHT_TRIGGER]?.value),
  };
}

/** A stick of a good pad wobbles by less than this around its middle. */
const WOBBLE = 1000;
/** Sticks that have stood still for so long have come to rest, wherever that is. */
const SETTLE_MS = 50;
/** All of a pad that is used is told at least so often: the agent lets go of one that it hears nothing of for 500 ms, its buttons too. */
const BEAT_MS = 150;

/** What one pad has said. Starts at rest, as the agent's does. */
export class PadTeller {
  readonly #index: number;
  readonly #nextSequence: () => number;
  #said = PAD_AT_REST;
  /** When a whole state went out last, and when sticks moved since; ms. */
  #wholeMs = Number.NEGATIVE_INFINITY;
  #movedMs: number | undefined;

  /** `nextSequence` goes on from the pad that had this number before: what it said last may come later than our first. */
  constructor(index: number, nextSequence: () => number) {
    this.#index = index;
    this.#nextSequence = nextSequence;
  }

  /** What to send now, if anything: buttons and the last of a movement surely, a movement as the network takes it. */
  next(state: PadState, nowMs: number): PadMessage | undefined {
    const beats = isUsed(state) && nowMs - this.#wholeMs >= BEAT_MS;
    if (beats || state.buttons !== this.#said.buttons) return this.#whole(state, nowMs);
    if (hasMoved(this.#said, state)) {
      this.#said = state;
      this.#movedMs = nowMs;
      const { buttons: _buttons, ...axes } = state;
      return { type: "padAxes", index: this.#index, sequence: this.#nextSequence(), ...axes };
    }
    const settled = this.#movedMs !== undefined && nowMs - this.#movedMs >= SETTLE_MS;
    return settled ? this.#whole(state, nowMs) : undefined;
  }

  /** The pad is let go of, whatever it does; undefined: it has surely said that it is at rest. */
  rest(nowMs: number): PadMessage | undefined {
    const rests = this.#said.buttons === 0 && this.#movedMs === undefined && !hasMoved(this.#said, PAD_AT_REST);
    return rests ? undefined : this.#whole(PAD_AT_REST, nowMs);
  }

  #whole(state: PadState, nowMs: number): PadMessage {
    this.#said = state;
    this.#wholeMs = nowMs;
    this.#movedMs = undefined;
    return { type: "padState", index: this.#index, sequence: this.#nextSequence(), ...state };
  }
}

const AXES = ["leftX", "leftY", "rightX", "rightY", "leftTrigger", "rightTrigger"] as const;

const hasMoved = (from: PadState, to: PadState): boolean => AXES.some((name) => from[name] !== to[name]);

function isUsed(state: PadState): boolean {
  return state.buttons !== 0 || AXES.some((name) => Math.abs(state[name]) > (name.endsWith("Trigger") ? 0 : WOBBLE));
}
