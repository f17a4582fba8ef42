// Notifications of the desktop's programs for the viewers that want them: watches the session's bus while there is one who does, and at no other
// time. Who may only watch gets none. Built by `agent.ts`; each session takes a seat (`session/session.ts`); texts are made by `notification.ts`.

import type { AgentControl } from "@eglantine/protocol/control";
import { LIMITS } from "@eglantine/protocol/limits";
import type { Closable } from "../close.ts";
import { busPath, DbusMonitor } from "../linux/dbus-monitor.ts";
import type { Log } from "../log.ts";
import { RateGate } from "../session/rate.ts";
import type { NotificationAccess, NotificationSeat } from "../session/types.ts";
import { type NOTIFICATION_WAYS, readNotify } from "./notification.ts";

export interface NotificationsOptions {
  readonly way: (typeof NOTIFICATION_WAYS)[number];
  /** DBUS_SESSION_BUS_ADDRESS. */
  readonly bus: string | undefined;
  readonly nowMs: () => number;
  readonly log: Log;
}

const RULES = ["type='method_call',interface='org.freedesktop.Notifications',member='Notify'"];
const MINUTE_MS = 60_000;

export class Notifications implements NotificationAccess, Closable {
  readonly #options: NotificationsOptions;
  readonly #path: string | undefined;
  readonly #wanted = new Set<(message: AgentControl) => void>();
  readonly #rate = new RateGate(LIMITS.notificationsPerMinute, MINUTE_MS);
  #monitor: DbusMonitor | undefined;

  constructor(options: NotificationsOptions) {
    this.#options = options;
    const { way, bus, log } = options;
    this.#path = way === "off" || bus === undefined ? undefined : busPath(bus);
    if (way === "on" && bus !== undefined && this.#path === undefined)
      log.warn({ option: "DBUS_SESSION_BUS_ADDRESS" }, "no notifications: the bus is at no path of the file system");
  }

  /** This viewer may have them. */
  offered(viewOnly: boolean): boolean {
    return this.#path !== undefined && !viewOnly;
  }

  enter(send: (message: AgentControl) => void, viewOnly: boolean): NotificationSeat {
    const leave = (): void => {
      if (!this.#wanted.delete(send) || this.#wanted.size > 0) return;
      void this.#monitor?.close();
      this.#monitor = undefined;
    };
    return {
      want: (on) => {
        if (!on) leave();
        else if (this.offered(viewOnly)) this.#watch(send);
      },
      leave,
    };
  }

  async close(): Promise<void> {
    this.#wanted.clear();
    await this.#monitor?.close();
  }

  #watch(send: (message: AgentControl) => void): void {
    this.#wanted.add(send);
    const { bus: address = "", log } = this.#options;
    if (this.#path === undefined) return;
    this.#monitor ??= new DbusMonitor({
      address,
      path: this.#path,
      rules: RULES,
      onMessage: (message) => {
        const seen = readNotify(message);
        if (seen === undefined || !this.#rate.pass(this.#options.nowMs())) return;
        for (const tell of this.#wanted) tell({ type: "notification", ...seen });
      },
      log,
    });
  }
}
