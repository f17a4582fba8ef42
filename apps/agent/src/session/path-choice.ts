// Which way the picture should take now, and why: WebRTC where UDP works, the WebSocket where it does not, what the user
// wants before either. Pure. Told by `paths.ts`, which acts on it.

import type { Path } from "@eglantine/protocol/formats";

export type MediaPathName = Exclude<Path, "vnc">;

export interface PathChoice {
  /** Those that agent and viewer both have, the agent's first choice first. */
  readonly order: readonly MediaPathName[];
  want: "auto" | Path;
  /** WebRTC is connected; packets come back; and it is not tried again before this moment. */
  open: boolean;
  alive: boolean;
  heldUntilMs: number;
  /** How long it must work before it is taken again. */
  holdMs: number;
  /** Since when it can be used, to tell a path that flaps from one that broke once. */
  usableSinceMs: number;
  /** What became of it last. */
  trouble: string;
  /** Why the viewer can't use the socket after all: for good. */
  socketTrouble: string | undefined;
}

export interface Chosen {
  /** Undefined: there is none. */
  readonly path: Path | undefined;
  readonly why: string;
  /** When to ask again, if nothing happens before. */
  readonly reviewAtMs: number | undefined;
}

/** WebRTC must have worked for this long before it is taken again; twice as long after each loss, at most MAX. */
const HOLD_MS = 1000;
const HOLD_MAX_MS = 60_000;
/** Working for so long, it has a clean record again. */
const CLEAN_MS = 60_000;

export function createPathChoice(order: readonly MediaPathName[]): PathChoice {
  return {
    order,
    want: "auto",
    open: false,
    alive: true,
    heldUntilMs: Number.NEGATIVE_INFINITY,
    holdMs: HOLD_MS / 2,
    usableSinceMs: Number.POSITIVE_INFINITY,
    trouble: "WebRTC is not connected yet",
    socketTrouble: undefined,
  };
}

/** A new peer is connected. Where one before it was lost, this one may be too. */
export function webRtcOpened(state: PathChoice, nowMs: number): void {
  state.open = true;
  state.alive = true;
  if (state.holdMs < HOLD_MS) state.usableSinceMs = nowMs;
  else hold(state, nowMs);
}

/** Packets go out and nothing comes back, or something does again. */
export function webRtcAlive(state: PathChoice, alive: boolean, nowMs: number): void {
  if (state.alive === alive) return;
  state.alive = alive;
  if (alive) hold(state, nowMs);
  else lost(state, "nothing comes back over UDP", nowMs);
}

/** The viewer says that nothing reaches it. */
export function webRtcLost(state: PathChoice, why: string, nowMs: number): void {
  if (!state.open || nowMs < state.heldUntilMs) return;
  lost(state, why === "" ? "the viewer lost WebRTC" : `the viewer lost WebRTC: ${why}`, nowMs);
  hold(state, nowMs);
}

/** The viewer says that it can't decode what comes over the socket. */
export function socketUseless(state: PathChoice, why: string): void {
  const sentence = "the viewer can't decode what comes over TCP";
  state.socketTrouble = why === "" ? sentence : `${sentence}: ${why}`;
}

/** Another peer is to take the place of this one, with which nothing was wrong. */
export function webRtcReplaced(state: PathChoice, nowMs: number): void {
  if (nowMs - state.usableSinceMs >= CLEAN_MS) state.holdMs = HOLD_MS / 2;
  state.usableSinceMs = Number.POSITIVE_INFINITY;
  state.trouble = "another peer takes its place";
  state.open = false;
}

/** The peer has ended. */
export function webRtcGone(state: PathChoice, why: string, nowMs: number): void {
  if (state.open && state.alive) lost(state, why, nowMs);
  state.trouble = why;
  state.open = false;
}

export function choosePath(state: PathChoice, nowMs: number): Chosen {
  const { order, want } = state;
  const reviewAtMs = state.open && state.alive && nowMs < state.heldUntilMs ? state.heldUntilMs : undefined;
  if (want === "vnc") return { path: "vnc", why: "you chose it", reviewAtMs: undefined };
  const usable = (path: MediaPathName) =>
    order.includes(path) && (path === "socket" ? state.socketTrouble === undefined : works(state, nowMs));
  if (want !== "auto" && usable(want)) return { path: want, why: "you chose it", reviewAtMs };
  for (const path of order) {
    if (usable(path)) return { path, why: want === "auto" ? reasonFor(state, path) : refusal(state, want), reviewAtMs };
  }
  // Better a path that is silent than none.
  const path = state.open && order.includes("webrtc") ? "webrtc" : undefined;
  return { path, why: state.trouble, reviewAtMs };
}

/** Why the user does not get what was chosen. */
function refusal({ order, trouble, socketTrouble }: PathChoice, want: MediaPathName): string {
  const why = !order.includes(want)
    ? "agent and viewer do not both have it"
    : want === "socket"
      ? (socketTrouble ?? "")
      : trouble;
  return `not ${want === "socket" ? "TCP" : "WebRTC"}, which you chose: ${why}`;
}

function works(state: PathChoice, nowMs: number): boolean {
  return state.open && state.alive && nowMs >= state.heldUntilMs;
}

function reasonFor({ order, trouble, socketTrouble }: PathChoice, path: MediaPathName): string {
  if (path === "webrtc")
    return order[0] === "webrtc" ? "UDP works" : (socketTrouble ?? "it is the only one that works");
  if (!order.includes("webrtc")) return "it is the only one that agent and viewer both have";
  return order[0] === "socket" ? "it is this agent's first choice" : trouble;
}

function lost(state: PathChoice, why: string, nowMs: number): void {
  state.trouble = why;
  // The same loss, said again by the other side: it was not in use since.
  if (nowMs < state.usableSinceMs) return;
  const clean = nowMs - state.usableSinceMs >= CLEAN_MS;
  state.holdMs = clean ? HOLD_MS : Math.min(HOLD_MAX_MS, 2 * state.holdMs);
  state.usableSinceMs = Number.POSITIVE_INFINITY;
}

function hold(state: PathChoice, nowMs: number): void {
  state.heldUntilMs = nowMs + state.holdMs;
  state.usableSinceMs = state.heldUntilMs;
}
