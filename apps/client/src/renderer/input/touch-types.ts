// What fingers do and what comes of it, between `touch.ts`, which has the events, and `gestures.ts` (pure), which says what they mean.

export type TouchMode = "pointer" | "trackpad";

/** X buttons. */
export type TouchButton = 1 | 2 | 3;

/** CSS pixels of the window. */
export type Touch =
  | { readonly kind: "down"; readonly id: number; readonly x: number; readonly y: number }
  /** All that moved at this moment: one alone says nothing of what two do. */
  | {
      readonly kind: "move";
      readonly fingers: readonly { readonly id: number; readonly x: number; readonly y: number }[];
    }
  | { readonly kind: "up"; readonly id: number }
  /** `dueMs` has come. */
  | { readonly kind: "time" };

export type TouchAction =
  | { readonly kind: "point"; readonly x: number; readonly y: number }
  /** A touchpad's: so many CSS pixels in so many ms. */
  | { readonly kind: "move"; readonly dx: number; readonly dy: number; readonly ms: number }
  | { readonly kind: "press" | "release"; readonly button: TouchButton }
  /** The fingers took what is under them along, CSS pixels. */
  | { readonly kind: "scroll"; readonly dx: number; readonly dy: number }
  /** And let go of it at this speed, CSS pixels a ms. */
  | { readonly kind: "fling"; readonly vx: number; readonly vy: number }
  /** By this factor since the last one. */
  | { readonly kind: "pinch"; readonly ratio: number }
  | { readonly kind: "pinchEnd" }
  /** A long press has become something: to be shown there. */
  | { readonly kind: "sign"; readonly x: number; readonly y: number };
