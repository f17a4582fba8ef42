// Modifiers of the row of keys on the screen: a finger can't hold one while it presses another key, so that a modifier stays down until the
// next key has gone, or until it is touched again. From `ui/key-row.tsx`, through `capture.ts`, to `keyboard.ts`.

import { Store } from "../store.ts";
import type { MenuKey } from "./combinations.ts";

export interface LatchPort {
  hold(key: MenuKey): void;
  letGo(key: MenuKey): void;
}

export class Latches {
  /** By code. */
  readonly held = new Store<ReadonlyMap<string, MenuKey>>(new Map());
  readonly #port: LatchPort;

  constructor(port: LatchPort) {
    this.#port = port;
  }

  toggle(key: MenuKey): void {
    const held = new Map(this.held.get());
    if (held.delete(key.code)) this.#port.letGo(key);
    else {
      held.set(key.code, key);
      this.#port.hold(key);
    }
    this.held.set(held);
  }

  /** A key has gone: it had what is held. */
  settle(): void {
    const held = this.held.get();
    if (held.size === 0) return;
    for (const key of held.values()) this.#port.letGo(key);
    this.forget();
  }

  /** Everything was let go of. */
  forget(): void {
    if (this.held.get().size > 0) this.held.set(new Map());
  }
}
