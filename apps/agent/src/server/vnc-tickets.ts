// Tickets for the RFB path: the control connection, which has asked for the password, hands one out; the WebSocket at `vnc`
// spends it. Each is good once, for a minute, for one session and its role. Pure. Kept by `vnc-proxy.ts`.

import { randomBytes } from "node:crypto";

/** Whose RFB connection it will be. */
export interface TicketHolder {
  /** Id of the session. */
  readonly session: string;
  readonly viewOnly: boolean;
  /** Hears when the RFB connection opens and when it is closed. */
  readonly onOpen?: (open: boolean) => void;
}

export const TICKET_LIFE_MS = 60_000;
const TICKET_BYTES = 32;
/** A session asks for one at a time; those that it never spends are forgotten, the oldest first. */
const TICKETS_PER_SESSION = 4;

interface Ticket extends TicketHolder {
  readonly untilMs: number;
}

export class VncTickets {
  readonly #nowMs: () => number;
  /** In the order in which they were handed out. */
  readonly #tickets = new Map<string, Ticket>();

  /** `nowMs` is a monotonic clock. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** How many could be spent now, or could have been. */
  get size(): number {
    return this.#tickets.size;
  }

  issue(holder: TicketHolder): string {
    this.#forgetOld();
    const own = [...this.#tickets].filter(([, { session }]) => session === holder.session);
    for (const [ticket] of own.slice(0, Math.max(0, own.length + 1 - TICKETS_PER_SESSION)))
      this.#tickets.delete(ticket);
    const ticket = randomBytes(TICKET_BYTES).toString("base64url");
    this.#tickets.set(ticket, { ...holder, untilMs: this.#nowMs() + TICKET_LIFE_MS });
    return ticket;
  }

  /** Who may come in with it; undefined for one that is unknown, spent or too old. */
  spend(ticket: string): TicketHolder | undefined {
    this.#forgetOld();
    const found = this.#tickets.get(ticket);
    this.#tickets.delete(ticket);
    return found;
  }

  /** The session is over. */
  revoke(session: string): void {
    for (const [ticket, holder] of this.#tickets) if (holder.session === session) this.#tickets.delete(ticket);
  }

  #forgetOld(): void {
    const nowMs = this.#nowMs();
    for (const [ticket, { untilMs }] of this.#tickets) {
      if (untilMs > nowMs) return;
      this.#tickets.delete(ticket);
    }
  }
}
