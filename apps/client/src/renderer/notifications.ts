// Notifications of the desktop's programs as this computer's own: in the application by the shell (`main/notifications.ts`), in a browser where the user
// lets the page have them. While a window of the desktop has the focus its own are seen, and nothing is added. Built by `client.ts`; switched by
// `ui/toolbar.tsx`.

import type { AgentControl, ViewerControl } from "@eglantine/protocol/control";
import type { Bridge } from "../shared/bridge.ts";
import type { SessionFacts } from "./connection/connection.ts";
import type { Preferences } from "./preferences.ts";
import { Store } from "./store.ts";

type Told = Omit<Extract<AgentControl, { type: "notification" }>, "type">;

/** `refused`: the user or the browser lets the page show none. */
export type NotificationState = "on" | "off" | "refused";

export interface NotificationsParts {
  readonly bridge: Pick<Bridge, "showNotification"> | undefined;
  readonly preferences: Preferences;
  readonly facts: () => SessionFacts;
  readonly send: (message: ViewerControl) => void;
  /** The user looks at the desktop, in whichever of its windows. */
  readonly hasFocus: () => boolean;
}

export class DesktopNotifications {
  readonly state: Store<NotificationState>;
  readonly #parts: NotificationsParts;
  readonly #unwatch: () => void;
  #asked = false;

  constructor(parts: NotificationsParts) {
    this.#parts = parts;
    this.state = new Store(this.#state());
    this.#unwatch = parts.preferences.store.watch(() => this.#changed());
  }

  /** The viewer was let in. */
  begin(): void {
    this.#asked = false;
    this.#changed();
  }

  /** With the user's click just now: browsers ask only then. */
  async toggle(): Promise<void> {
    const { bridge, preferences } = this.#parts;
    const on = this.state.get() !== "on";
    if (on && bridge === undefined && canNotify() && Notification.permission === "default") {
      await Notification.requestPermission();
    }
    preferences.change(() => ({ notifications: on }));
    this.#changed();
  }

  take({ program, title, body }: Told): void {
    if (this.state.get() !== "on" || this.#parts.hasFocus()) return;
    const { bridge } = this.#parts;
    if (bridge !== undefined) {
      void bridge.showNotification({ program, title, body });
      return;
    }
    // One that says the same again takes the place of the one before it.
    const shown = new Notification(title || program, { body, tag: `${program}\n${title}` });
    shown.addEventListener("click", () => {
      window.focus();
      shown.close();
    });
  }

  /** Idempotent. */
  close(): void {
    this.#unwatch();
  }

  #state(): NotificationState {
    const { bridge, preferences } = this.#parts;
    const { notifications } = preferences.store.get();
    if (bridge !== undefined) return notifications ? "on" : "off";
    if (!canNotify() || Notification.permission === "denied") return "refused";
    return notifications && Notification.permission === "granted" ? "on" : "off";
  }

  #changed(): void {
    const state = this.#state();
    if (state !== this.state.get()) this.state.set(state);
    const { facts, send } = this.#parts;
    const wanted = state === "on";
    if (facts().notifications !== true || wanted === this.#asked) return;
    this.#asked = wanted;
    send({ type: "notifications", on: wanted });
  }
}

/** Browsers give pages none on http://, and none to those in a frame. */
const canNotify = (): boolean => window.isSecureContext && "Notification" in window;
