// Keeps one viewer's pointer in the desktop's shape: sends each shape once, afterwards its name. From `x11/cursor.ts`, to the path
// in use; `moved()` when that is another one, since what was on its way over the old one may be lost or come late.

import { feedbackCodec } from "@eglantine/protocol/feedback";
import type { CursorLook, CursorWatcher } from "../x11/cursor.ts";

/** After a change of path: by then whatever was under way over the old one has come, or never will. */
const AGAIN_MS = 1000;
/** What was dropped is told again, each time after twice the wait, so often: a path that takes nothing is not waited for. */
const RETRY_MS = 50;
const RETRIES = 8;

export class CursorFeed {
  readonly #send: (message: Uint8Array) => boolean;
  readonly #sentShapes = new Set<number>();
  readonly #unwatch: () => void;
  #look: CursorLook | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;

  /** `send`: false when the message was dropped. */
  constructor(watch: (watcher: CursorWatcher) => () => void, send: (message: Uint8Array) => boolean) {
    this.#send = send;
    this.#unwatch = watch((look) => {
      this.#look = look;
      this.#tell(look);
    });
  }

  moved(): void {
    this.#sentShapes.clear();
    if (this.#look === undefined) return;
    this.#tell(this.#look);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#look !== undefined) this.#tell(this.#look);
    }, AGAIN_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#retry);
    this.#unwatch();
  }

  #tell(look: CursorLook, retries = 0): void {
    clearTimeout(this.#retry);
    if (this.#say(look) || retries === RETRIES) return;
    this.#retry = setTimeout(() => this.#tell(look, retries + 1), RETRY_MS * 2 ** retries);
  }

  /** False: dropped. */
  #say(look: CursorLook): boolean {
    if (look.kind === "hidden") return this.#send(feedbackCodec.encode({ type: "cursorHidden" }));
    if (this.#sentShapes.has(look.serial)) {
      return this.#send(feedbackCodec.encode({ type: "cursorUse", serial: look.serial }));
    }
    const sent = this.#send(look.message);
    if (sent) this.#sentShapes.add(look.serial);
    return sent;
  }
}
