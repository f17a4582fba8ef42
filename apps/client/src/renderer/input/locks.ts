// The lock keys' state as this computer has it, told before the key that it counts for: nobody sees a lock key that is pressed while another
// window has the focus. From `capture.ts`, to `send.ts`.

import type { InputMessage } from "@eglantine/protocol/input";
import type { KeyPlatform } from "./keyboard.ts";

type LocksMessage = Extract<InputMessage, { type: "locks" }>;

/** At their own press they tell the state before it on one system, and after it on another. */
const LOCK_KEYS: ReadonlySet<string> = new Set(["CapsLock", "NumLock", "ScrollLock"]);

export class Locks {
  readonly #mac: boolean;
  readonly #emit: (message: LocksMessage) => void;
  #told: LocksMessage | undefined;

  constructor(platform: KeyPlatform, emit: (message: LocksMessage) => void) {
    this.#mac = platform === "mac";
    this.#emit = emit;
  }

  /** `text`: characters carry their case, so that Caps Lock is off on the desktop. */
  see(event: Pick<KeyboardEvent, "key" | "getModifierState">, text: boolean): void {
    if (LOCK_KEYS.has(event.key)) return;
    const caps = !text && event.getModifierState("CapsLock");
    // Macs have no Num Lock: their keypads make digits.
    const num = this.#mac || event.getModifierState("NumLock");
    if (this.#told?.caps === caps && this.#told.num === num) return;
    this.#told = { type: "locks", caps, num };
    this.#emit(this.#told);
  }

  /** A new session. */
  forget(): void {
    this.#told = undefined;
  }
}
