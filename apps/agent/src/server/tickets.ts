// Tickets that the control connection, which has asked for the password, hands out for other connections of the same session: one for
// each RFB connection, spent by it within a minute (`vnc-proxy.ts`), and one for all transfers, good until the session ends
// (`transfer.ts`). Pure.

import { randomBytes } from "node:crypto";

export interface TicketHolder {
  /** Id of the session. */
  readonly session: string;
}

export interface TicketRules {
  /** A monotonic clock. */
  readonly nowMs: () => number;
  /** Absent: until the session ends. */
  readonly lifeMs?: number;
}

const TICKET_BYTES = 32;
/** A session asks for one at a time; those that it never spends are forgotten, the oldest first. */
const TICKETS_PER_SESSION = 4;

export class Tickets<Holder extends TicketHolder> {
  readonly #rules: TicketRules;
  /** In the order in which they were handed out. */
  readonly #tickets = new Map<string, { readonly holder: Holder; readonly untilMs: number }>();

  constructor(rules: TicketRules) {
    this.#rules = rules;
  }

  /** How many could be used now, or could have been. */
  get size(): number {
    return this.#tickets.size;
  }

  issue(holder: Holder): string {
    this.#forgetOld();
    const own = [...this.#tickets].filter(
      ([
        ,
        {
          holder: { session },
        },
      ]) => session === holder.session,
    );
    for (const [ticket] of own.slice(0, Math.max(0, own.length + 1 - TICKETS_PER_SESSION)))
      this.#tickets.delete(ticket);
    const ticket = randomBytes(TICKET_BYTES).toString("base64url");
    const { nowMs, lifeMs = Number.POSITIVE_INFINITY } = this.#rules;
    this.#tickets.set(ticket, { holder, untilMs: nowMs() + lifeMs });
    return ticket;
  }

  /** Whose it is; undefined for one that is unknown, spent or too old. */
  find(ticket: string): Holder | undefined {
    this.#forgetOld();
    return this.#tickets.get(ticket)?.holder;
  }

  /** The same, once. */
  spend(ticket: string): Holder | undefined {
    const holder = this.find(ticket);
    this.#tickets.delete(ticket);
    return holder;
  }

  /** The session is over. */
  revoke(session: string): void {
    for (const [ticket, { holder }] of this.#tickets) if (holder.session === session) this.#tickets.delete(ticket);
  }

  #forgetOld(): void {
    const nowMs = this.#rules.nowMs();
    for (const [ticket, { untilMs }] of this.#tickets) {
      if (untilMs > nowMs) return;
      this.#tickets.delete(ticket);
    }
  }
}
