// Notifications of a desktop as the system's own. Plain but for Electron's Notification, which `main.ts` hands in. Asked by the page
// (`system-answers.ts`); a click brings that page's window to the front.

import type { ShownNotification } from "../shared/system.ts";

/** Of Electron's Notification. */
export interface SystemNotification {
  show(): void;
  close(): void;
  on(event: "click" | "close", listener: () => void): unknown;
}

export interface NotificationsOptions {
  readonly create: (texts: { readonly title: string; readonly body: string }) => SystemNotification;
  readonly focusWindow: (window: number) => void;
}

/** One that is forgotten tells of no click. Older ones are taken back, as a system's list would show them for ever. */
const KEPT = 16;

export class Notifications {
  readonly #options: NotificationsOptions;
  /** By what they are of: one that says the same again takes the place of the one before it. The oldest first. */
  readonly #shown = new Map<string, { readonly one: SystemNotification; readonly window: number }>();

  constructor(options: NotificationsOptions) {
    this.#options = options;
  }

  show({ program, title, body }: ShownNotification, window: number): void {
    const name = JSON.stringify([window, program, title]);
    this.#take(name);
    const one = this.#options.create({ title: title || program, body });
    this.#shown.set(name, { one, window });
    one.on("click", () => {
      this.#options.focusWindow(window);
      this.#take(name);
    });
    one.on("close", () => {
      if (this.#shown.get(name)?.one === one) this.#shown.delete(name);
    });
    one.show();
    const [oldest] = this.#shown.keys();
    if (this.#shown.size > KEPT && oldest !== undefined) this.#take(oldest);
  }

  /** Where a click would lead is gone. */
  windowClosed(window: number): void {
    for (const [name, shown] of this.#shown) if (shown.window === window) this.#take(name);
  }

  #take(name: string): void {
    const shown = this.#shown.get(name);
    this.#shown.delete(name);
    shown?.one.close();
  }
}
