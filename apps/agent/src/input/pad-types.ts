// The contract between the viewers' gamepads and what stands for them on this machine. `gamepads.ts` shares out the places;
// `gamepad.ts` (pure) turns the browser's standard layout into the kernel's; `linux/gamepad-tier.ts` chooses the backend.

import type { InputMessage } from "@eglantine/protocol/input";
import type { GAMEPAD_TIERS } from "@eglantine/protocol/gamepads";

/** One `struct input_event` of Linux, without its time. */
export interface InputRecord {
  readonly type: number;
  readonly code: number;
  readonly value: number;
}

/** What a program does with a pad's force feedback. */
export type Force =
  | { readonly kind: "upload"; readonly id: number; readonly strong: number; readonly weak: number }
  | { readonly kind: "replay"; readonly id: number; readonly lengthMs: number; readonly delayMs: number }
  | { readonly kind: "erase"; readonly id: number }
  /** `times` 0: stop. */
  | { readonly kind: "play"; readonly id: number; readonly times: number }
  | { readonly kind: "gain"; readonly gain: number }
  /** The program has closed the pad. */
  | { readonly kind: "gone" };

/** `owner` tells the programs apart that have the pad open. */
export type ForceListener = (owner: number, force: Force) => void;

/** A gamepad that is plugged in. */
export interface PadDevice {
  /** What has changed, as one report. */
  write(records: readonly InputRecord[]): void;
  /** Unplugs it. Idempotent. */
  close(): void;
}

export interface PadBackend {
  readonly tier: (typeof GAMEPAD_TIERS)[number];
  /** Why this one, for the user. */
  readonly why: string;
  /** Place 0 … 7, which must be free. Throws a PadError. */
  plug(place: number, onForce: ForceListener): PadDevice;
  close(): Promise<void>;
}

/** A gamepad that could not be made; says why. */
export class PadError extends Error {
  override readonly name = "PadError";
}

export type PadMessage = Extract<InputMessage, { type: "padConnect" | "padDisconnect" | "padState" | "padAxes" }>;

/** The gamepads of one viewer. */
export interface ViewerPads {
  apply(message: PadMessage): void;
  /** All return to rest. */
  rest(): void;
  /** All are unplugged. */
  leave(): void;
}
