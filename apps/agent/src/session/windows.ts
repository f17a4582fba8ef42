// Which windows belong to one viewer: its first one, let in by the password, and further ones, each with a monitor of its own
// (`monitors.ts`), let in by a ticket that the first one asked for. A window that loses its connection keeps its place for a while; without
// the first one there are no others. Asked by `registry.ts`.

import { randomUUID } from "node:crypto";
import type { Reason } from "@eglantine/protocol/reasons";
import type { Screen } from "../input/types.ts";
import { Tickets } from "../server/tickets.ts";
import type { ViewerScreen } from "./arrange.ts";
import type { Monitors, MonitorSeat } from "./monitors.ts";

/** What a window's session is to this file. */
export interface WindowSession {
  end(reason: Reason, detail?: string): void;
}

/** The place of one window. */
export interface WindowPlace {
  readonly seat: MonitorSeat;
  readonly further: boolean;
  /** Of a further one: its monitor is plugged in. Rejects with a sentence. */
  readonly plugged: Promise<void> | undefined;
  /** For one more window, once; or why there can be none. */
  ticket(): { readonly ticket: string } | { readonly why: string };
  /** A session has it from now on; one that had it before is over. */
  take(session: WindowSession): void;
  left(session: WindowSession, reason: Reason): void;
}

export interface WindowsOptions {
  readonly monitors: Monitors;
  /** Monitors of one viewer. */
  readonly max: number;
  /** Why no viewer may have a second one. */
  readonly whyOne: string | undefined;
  readonly nowMs: () => number;
}

const TICKET_LIFE_MS = 60_000;
/** A window that lost its connection keeps its monitor for so long. */
const KEEP_MS = 15_000;
/** One that said bye, which a page does that is loaded again, and one that takes another path. */
const BYE_KEEP_MS = 2500;
/** After these the same window may come again by itself. */
const PASSING: ReadonlySet<Reason> = new Set<Reason>(["connection-lost", "media-failed", "not-reading"]);

const WHY_TICKET = "its ticket is unknown, spent, or older than a minute";

export class Windows {
  readonly #options: WindowsOptions;
  readonly #tickets: Tickets<{ readonly session: string; readonly group: Group }>;
  readonly #groups = new Set<Group>();

  constructor(options: WindowsOptions) {
    this.#options = options;
    this.#tickets = new Tickets({ nowMs: options.nowMs, lifeMs: TICKET_LIFE_MS });
  }

  /** However many windows each of them has. */
  get viewers(): number {
    return this.#groups.size;
  }

  /** It was here a moment ago, and its further windows still are. */
  knows(window: string | undefined, viewOnly: boolean): boolean {
    return this.#resumed(window, viewOnly) !== undefined;
  }

  /** A viewer's first window. `window`: its own name for itself. */
  first(
    window: string | undefined,
    role: { readonly viewOnly: boolean; readonly screen: ViewerScreen | undefined },
  ): WindowPlace {
    const known = this.#resumed(window, role.viewOnly);
    const group = known ?? this.#begin(window, role.viewOnly);
    group.first.seat.screen = role.screen ?? group.first.seat.screen;
    return this.#placeOf(group, group.first, undefined);
  }

  /** A further window of the viewer whose ticket this is; or why not. */
  further(
    ticket: string,
    hello: { readonly window: string; readonly size: Screen; readonly screen: ViewerScreen | undefined },
  ): WindowPlace | string {
    const group = this.#tickets.spend(ticket)?.group;
    if (group === undefined) return WHY_TICKET;
    const { monitors, max } = this.#options;
    const known = group.further.get(hello.window);
    if (known !== undefined) {
      known.seat.screen = hello.screen ?? known.seat.screen;
      // A size that can't be had: it keeps the one it had.
      const resized = known.plugged.then(() => known.seat.resize(hello.size).catch(() => undefined));
      return this.#placeOf(group, known, resized);
    }
    if (group.further.size + 1 >= max) return whyFull(max);
    const seat = monitors.seat();
    seat.screen = hello.screen;
    const plugged = monitors.plug(group.first.seat, seat, hello.size);
    const own: Further = { ...emptyWindow(seat), plugged };
    group.further.set(hello.window, own);
    plugged.catch(() => group.further.delete(hello.window));
    return this.#placeOf(group, own, plugged);
  }

  /** Behind the sessions. */
  close(): void {
    for (const group of this.#groups) {
      for (const window of [group.first, ...group.further.values()]) clearTimeout(window.timer);
    }
    this.#groups.clear();
  }

  #begin(window: string | undefined, viewOnly: boolean): Group {
    const seat = this.#options.monitors.seat();
    const group: Group = { id: randomUUID(), window, viewOnly, first: emptyWindow(seat), further: new Map() };
    this.#groups.add(group);
    return group;
  }

  /** Where there are further windows, which wait for their first one. */
  #resumed(window: string | undefined, viewOnly: boolean): Group | undefined {
    if (window === undefined || viewOnly) return undefined;
    return [...this.#groups].find((group) => group.window === window && group.further.size > 0);
  }

  #placeOf(group: Group, window: Window, plugged: Promise<void> | undefined): WindowPlace {
    return {
      seat: window.seat,
      further: window !== group.first,
      plugged,
      ticket: () => this.#ticket(group, window),
      take: (session) => {
        clearTimeout(window.timer);
        const before = window.session;
        window.session = session;
        before?.end("connection-lost", "the same window came again");
      },
      left: (session, reason) => this.#left(group, window, session, reason),
    };
  }

  #ticket(group: Group, window: Window): { readonly ticket: string } | { readonly why: string } {
    const { whyOne, monitors } = this.#options;
    if (group.viewOnly) return { why: "You may watch this desktop, and not add monitors to it." };
    if (window !== group.first) return { why: "Monitors are added from the first window." };
    if (whyOne !== undefined) return { why: whyOne };
    if (monitors.takenFrom(group.first.seat)) return { why: "Another viewer has this desktop on several monitors." };
    return { ticket: this.#tickets.issue({ session: group.id, group }) };
  }

  #left(group: Group, window: Window, session: WindowSession, reason: Reason): void {
    // Another one has its place already.
    if (window.session !== session) return;
    window.session = undefined;
    // All of them end, and the monitors stay for the next agent, to which the same windows come.
    if (reason === "agent-closing") return;
    const isFirst = window === group.first;
    const leave = (): void => (isFirst ? this.#end(group) : this.#forget(group, window));
    const keepMs = PASSING.has(reason) ? KEEP_MS : reason === "viewer-left" ? BYE_KEEP_MS : 0;
    clearTimeout(window.timer);
    // Nobody waits for a viewer with one window.
    if (keepMs === 0 || (isFirst && group.further.size === 0)) leave();
    else window.timer = setTimeout(leave, keepMs);
  }

  #forget(group: Group, window: Window): void {
    for (const [name, one] of group.further) if (one === window) group.further.delete(name);
    void this.#options.monitors.unplug(window.seat);
  }

  #end(group: Group): void {
    this.#groups.delete(group);
    this.#tickets.revoke(group.id);
    const others = [...group.further.values()];
    group.further.clear();
    if (others.length === 0) return;
    for (const one of others) {
      const { session } = one;
      clearTimeout(one.timer);
      one.session = undefined;
      session?.end("first-window-left");
    }
    void this.#options.monitors.unplug(...others.map(({ seat }) => seat));
  }
}

interface Window {
  readonly seat: MonitorSeat;
  session: WindowSession | undefined;
  timer: NodeJS.Timeout | undefined;
}

interface Further extends Window {
  readonly plugged: Promise<void>;
}

/** One viewer. */
interface Group {
  readonly id: string;
  readonly window: string | undefined;
  readonly viewOnly: boolean;
  readonly first: Window;
  /** By their own names. */
  readonly further: Map<string, Further>;
}

function emptyWindow(seat: MonitorSeat): Window {
  return { seat, session: undefined, timer: undefined };
}

function whyFull(max: number): string {
  return `this desktop takes ${max} monitors`;
}
