// What fingers on the desktop mean: taps, drags, scrolling, pinching, read in two ways: a finger as the pointer itself, and as on a touchpad.
// PURE but for its state: (touch, nowMs) → actions. From `touch.ts`, which has the events and the clock and does what is decided here.

import { centre, distance, type Finger, way } from "./fingers.ts";
import type { Touch, TouchAction, TouchButton, TouchMode } from "./touch-types.ts";

/** A finger that stays within this is at rest, CSS pixels; Android's touch slop is 8, a fingertip wavers by as much. */
const SLOP = 10;
/** Longer is no tap, ms. */
const TAP_MS = 250;
/** Several fingers never come and go together. */
const TAP_OF_SEVERAL_MS = 350;
/** As on Android and iOS. */
const LONG_MS = 500;
/** Two taps within this and this far apart are one double click, on one spot: fingers do not meet a pixel twice. */
const DOUBLE_MS = 400;
const DOUBLE_PX = 24;
/** A touchpad's tap lets go after this, if no finger comes to drag; libinput's is 180 ms. */
const TAP_DRAG_MS = 180;
/** Both fingers moved this far: their ways say whether they scroll or pinch. One alone that moved so far does too. */
const BOTH_PX = 4;
const ALONE_PX = 40;
/** A fling goes by the speed of this last time, ms. */
const SPEED_MS = 80;
/** Slower is no fling, CSS pixels a ms. */
const FLING_LEAST = 0.25;

interface Sample {
  readonly atMs: number;
  readonly x: number;
  readonly y: number;
}

type Phase =
  | { readonly kind: "rest" }
  /** One finger, nothing decided. */
  | { readonly kind: "touched"; readonly sinceMs: number }
  /** It moves the pointer, with the button down or without. */
  | { readonly kind: "drag" }
  /** Two or three, nothing decided. `most`: so many at once. */
  | {
      readonly kind: "several";
      readonly sinceMs: number;
      readonly most: number;
      readonly x: number;
      readonly y: number;
    }
  | { readonly kind: "scroll"; readonly samples: Sample[] }
  | { readonly kind: "pinch"; readonly distance: number }
  /** Nothing more comes of it until all fingers are up. */
  | { readonly kind: "spent" };

const REST: Phase = { kind: "rest" };
const SPENT: Phase = { kind: "spent" };

export class Gestures {
  readonly #mode: TouchMode;
  #phase: Phase = REST;
  #fingers: readonly Finger[] = [];
  /** The left button is down. */
  #held = false;
  #dueMs: number | undefined;
  #tap: Sample | undefined;
  #atMs = 0;

  constructor(mode: TouchMode) {
    this.#mode = mode;
  }

  /** When `take` wants to be told of the time. */
  get dueMs(): number | undefined {
    return this.#dueMs;
  }

  /** `nowMs` of one clock, and never back. */
  take(touch: Touch, nowMs: number): readonly TouchAction[] {
    const before = this.#atMs;
    this.#atMs = nowMs;
    switch (touch.kind) {
      case "down":
        return this.#down({ id: touch.id, x: touch.x, y: touch.y, fromX: touch.x, fromY: touch.y }, nowMs);
      case "move":
        return this.#move(touch.fingers, nowMs, Math.max(0, nowMs - before));
      case "up":
        return this.#up(touch.id, nowMs);
      case "time":
        return this.#dueMs === undefined || nowMs < this.#dueMs ? [] : this.#due(nowMs);
    }
  }

  /** The fingers were taken away: nothing stays pressed, and nothing comes of what was begun. */
  cancel(): readonly TouchAction[] {
    const actions = [...this.#letGo(), ...(this.#phase.kind === "pinch" ? [{ kind: "pinchEnd" } as const] : [])];
    this.#phase = REST;
    this.#fingers = [];
    this.#dueMs = undefined;
    this.#tap = undefined;
    return actions;
  }

  #down(finger: Finger, nowMs: number): readonly TouchAction[] {
    const others = this.#fingers.filter(({ id }) => id !== finger.id);
    // It went without a word.
    if (others.length < this.#fingers.length) return [...this.cancel(), ...this.#down(finger, nowMs)];
    this.#fingers = [...others, finger];
    this.#dueMs = undefined;
    if (this.#fingers.length === 1) return this.#first(finger, nowMs);
    const { kind } = this.#phase;
    const free = kind === "touched" || kind === "several" || (kind === "drag" && !this.#held);
    // Who drags something goes on doing so.
    if (!free) return [];
    const count = this.#fingers.length;
    this.#fingers = this.#fingers.map((one) => ({ ...one, fromX: one.x, fromY: one.y }));
    const sinceMs = "sinceMs" in this.#phase ? this.#phase.sinceMs : nowMs;
    const most = Math.max(count, this.#phase.kind === "several" ? this.#phase.most : 0);
    this.#phase = count > 3 ? SPENT : { kind: "several", sinceMs, most, ...centre(this.#fingers) };
    return this.#letGo();
  }

  #first(finger: Finger, nowMs: number): readonly TouchAction[] {
    this.#phase = { kind: "touched", sinceMs: nowMs };
    if (this.#mode === "trackpad") return [];
    this.#dueMs = nowMs + LONG_MS;
    const tap = this.#tap;
    const again = tap !== undefined && nowMs - tap.atMs <= DOUBLE_MS && distance(tap, finger) <= DOUBLE_PX;
    const at = again ? tap : finger;
    this.#fingers = [{ ...finger, fromX: at.x, fromY: at.y }];
    return [{ kind: "point", x: at.x, y: at.y }];
  }

  #move(moves: Extract<Touch, { kind: "move" }>["fingers"], nowMs: number, ms: number): readonly TouchAction[] {
    const old = this.#fingers;
    this.#fingers = old.map((finger) => {
      const to = moves.find(({ id }) => id === finger.id);
      return to === undefined ? finger : { ...finger, x: to.x, y: to.y };
    });
    // Of a drag the first finger is it.
    const [before, now] = [old[0], this.#fingers[0]];
    if (before === undefined || now === undefined) return [];
    switch (this.#phase.kind) {
      case "touched":
        return this.#begin(now, this.#phase.sinceMs, nowMs);
      case "drag":
        return now.x === before.x && now.y === before.y ? [] : this.#drag(now.x - before.x, now.y - before.y, ms);
      case "several":
        return this.#decide(this.#phase, nowMs);
      case "scroll": {
        const [from, to] = [centre(old), centre(this.#fingers)];
        this.#phase.samples.push({ atMs: nowMs, ...to });
        return [{ kind: "scroll", dx: to.x - from.x, dy: to.y - from.y }];
      }
      case "pinch":
        return this.#pinch(this.#phase.distance);
      case "rest":
      case "spent":
        return [];
    }
  }

  /** One finger: does it drag? */
  #begin(finger: Finger, sinceMs: number, nowMs: number): readonly TouchAction[] {
    const { dx, dy } = way(finger);
    // On a touchpad a finger that lies there for longer aims: each pixel counts.
    const aims = this.#mode === "trackpad" && nowMs - sinceMs > TAP_MS;
    if (Math.hypot(dx, dy) <= (aims ? 0 : SLOP)) return [];
    this.#dueMs = undefined;
    this.#phase = { kind: "drag" };
    // As fast as it was on the whole way.
    if (this.#mode === "trackpad") return this.#drag(dx, dy, nowMs - sinceMs);
    this.#held = true;
    return [{ kind: "press", button: 1 }, ...this.#drag(dx, dy, 0)];
  }

  #drag(dx: number, dy: number, ms: number): readonly TouchAction[] {
    const [finger] = this.#fingers;
    if (finger === undefined) return [];
    return this.#mode === "trackpad" ? [{ kind: "move", dx, dy, ms }] : [{ kind: "point", x: finger.x, y: finger.y }];
  }

  /** Two fingers: their ways say what they do. */
  #decide(phase: Extract<Phase, { kind: "several" }>, nowMs: number): readonly TouchAction[] {
    const [one, other] = this.#fingers;
    if (one === undefined || other === undefined || this.#fingers.length > 2 || phase.most > 2) return [];
    const [a, b] = [way(one), way(other)];
    const [aPx, bPx] = [Math.hypot(a.dx, a.dy), Math.hypot(b.dx, b.dy)];
    const both = Math.min(aPx, bPx) > BOTH_PX && Math.max(aPx, bPx) > SLOP;
    if (!both && Math.max(aPx, bPx) <= ALONE_PX) return [];
    const apart = distance({ x: one.fromX, y: one.fromY }, { x: other.fromX, y: other.fromY });
    if (both ? a.dx * b.dx + a.dy * b.dy < 0 : true) {
      this.#phase = { kind: "pinch", distance: Math.max(1, apart) };
      return [...this.#there(phase), ...this.#pinch(Math.max(1, apart))];
    }
    const at = centre(this.#fingers);
    this.#phase = { kind: "scroll", samples: [{ atMs: nowMs, ...at }] };
    return [...this.#there(phase), { kind: "scroll", dx: at.x - phase.x, dy: at.y - phase.y }];
  }

  #pinch(from: number): readonly TouchAction[] {
    const [one, other] = this.#fingers;
    if (one === undefined || other === undefined) return [];
    const now = Math.max(1, distance(one, other));
    this.#phase = { kind: "pinch", distance: now };
    return now === from ? [] : [{ kind: "pinch", ratio: now / from }];
  }

  #up(id: number, nowMs: number): readonly TouchAction[] {
    const lifted = this.#fingers.find((finger) => finger.id === id);
    if (lifted === undefined) return [];
    const left = this.#fingers.filter((finger) => finger !== lifted);
    const drags = lifted === this.#fingers[0];
    const phase = this.#phase;
    this.#fingers = left;
    if (left.length === 0) this.#phase = REST;
    switch (phase.kind) {
      case "touched":
        return this.#tapped(lifted, nowMs - phase.sinceMs, nowMs);
      case "drag":
        if (!drags) return [];
        if (left.length > 0) this.#phase = SPENT;
        return this.#letGo();
      case "several":
        if (left.length > 0 || nowMs - phase.sinceMs > TAP_OF_SEVERAL_MS) return [];
        return [...this.#there(phase), ...click(phase.most === 2 ? 3 : 2)];
      case "scroll":
        if (left.length > 0) this.#phase = SPENT;
        return fling(phase.samples, nowMs);
      case "pinch":
        if (left.length > 0) this.#phase = SPENT;
        return [{ kind: "pinchEnd" }];
      case "rest":
      case "spent":
        return [];
    }
  }

  #tapped(finger: Finger, lastedMs: number, nowMs: number): readonly TouchAction[] {
    this.#dueMs = undefined;
    if (this.#mode === "pointer") {
      this.#tap = { atMs: nowMs, x: finger.fromX, y: finger.fromY };
      return click(1);
    }
    // A second tap while the first one's button is still down.
    const released = this.#letGo();
    if (lastedMs > TAP_MS) return released;
    this.#held = true;
    this.#dueMs = nowMs + TAP_DRAG_MS;
    return [...released, { kind: "press", button: 1 }];
  }

  #due(nowMs: number): readonly TouchAction[] {
    this.#dueMs = undefined;
    const [finger] = this.#fingers;
    if (this.#phase.kind !== "touched" || finger === undefined || this.#mode === "trackpad") return this.#letGo();
    this.#phase = SPENT;
    this.#atMs = nowMs;
    return [{ kind: "sign", x: finger.x, y: finger.y }, ...click(3)];
  }

  /** Where several fingers mean something: on a touchpad that is where the pointer is. */
  #there({ x, y }: { readonly x: number; readonly y: number }): readonly TouchAction[] {
    return this.#mode === "trackpad" ? [] : [{ kind: "point", x, y }];
  }

  #letGo(): readonly TouchAction[] {
    if (!this.#held) return [];
    this.#held = false;
    return [{ kind: "release", button: 1 }];
  }
}

function click(button: TouchButton): readonly TouchAction[] {
  return [
    { kind: "press", button },
    { kind: "release", button },
  ];
}

function fling(samples: readonly Sample[], nowMs: number): readonly TouchAction[] {
  const recent = samples.filter(({ atMs }) => nowMs - atMs <= SPEED_MS);
  const [first, last] = [recent[0], recent.at(-1)];
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return [];
  const ms = last.atMs - first.atMs;
  const [vx, vy] = [(last.x - first.x) / ms, (last.y - first.y) / ms];
  return Math.hypot(vx, vy) < FLING_LEAST ? [] : [{ kind: "fling", vx, vy }];
}
