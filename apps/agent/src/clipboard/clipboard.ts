// The one clipboard that the desktop's programs and all its viewers share: who offered last, what that is, and who is told. Content moves when it is
// pasted, not when it is copied. From and to the X server by `types.ts` (`x11/selection.ts`), from and to each viewer by its seat (`seat.ts`).

import type { Closable } from "../close.ts";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import { Coalesced } from "../session/rate.ts";
import { type Content, DesktopContent, type OfferedContent } from "./content.ts";
import { type ClipboardOptions, type ClipboardPolicy, policyOf } from "./policy.ts";
import { ClipboardSeat, type SeatFiles, type SeatViewer } from "./seat.ts";
import { kindsOf } from "./targets.ts";
import { SelectionError, type SelectionName, type SelectionPort } from "./types.ts";

/** Copies a second that are looked at: a program may copy in a loop. */
const LOOKS = 10;

export interface Offered {
  /** Counts what the clipboard held, from 1. */
  readonly serial: number;
  readonly content: Content;
}

export class Clipboard implements Closable {
  readonly #options: ClipboardOptions;
  readonly #port: SelectionPort;
  readonly #log: Log;
  readonly #seats = new Set<ClipboardSeat>();
  readonly #looks: Coalesced<{ readonly selection: SelectionName; readonly owned: boolean }>;
  #serial = 0;
  #offered: Offered | undefined;
  #unwatch: (() => void) | undefined;
  /** Counts what happened to the clipboard, so that what is found late is dropped. */
  #round = 0;

  constructor(options: ClipboardOptions & { port: SelectionPort; nowMs: () => number; log: Log }) {
    this.#options = options;
    this.#port = options.port;
    this.#log = options.log;
    this.#looks = new Coalesced(LOOKS, options.nowMs, ({ selection, owned }) => void this.#look(selection, owned));
  }

  /** What a viewer of this role may do. */
  policy(viewOnly: boolean): ClipboardPolicy {
    return policyOf(this.#options, viewOnly);
  }

  /** A viewer has come. `files`: absent: it may neither put any nor take any. `leave()` of its seat takes it off. */
  enter(viewer: SeatViewer, policy: ClipboardPolicy, files?: SeatFiles): ClipboardSeat {
    const seat: ClipboardSeat = new ClipboardSeat(
      viewer,
      { policy, files },
      {
        take: (content) => this.#take(seat, content),
        offered: () => this.#offered,
        onLeft: (content) => this.#left(seat, content),
      },
    );
    this.#seats.add(seat);
    if (policy.out) {
      if (this.#unwatch !== undefined && this.#offered !== undefined) seat.tell(this.#offered);
      this.#unwatch ??= this.#port.watch(
        this.#options.primary === "both" ? ["CLIPBOARD", "PRIMARY"] : ["CLIPBOARD"],
        (selection, owned) => {
          // A selection that is let go of takes nothing away: what was copied is looked at still.
          if (owned || selection === "CLIPBOARD") this.#looks.take({ selection, owned });
        },
      );
    }
    return seat;
  }

  close(): Promise<void> {
    this.#looks.close();
    this.#unwatch?.();
    return Promise.resolve();
  }

  /** A viewer's clipboard is the desktop's from now on. Resolves when programs can paste it. */
  async #take(seat: ClipboardSeat, content: OfferedContent): Promise<void> {
    this.#round += 1;
    const selections: readonly SelectionName[] =
      this.#options.primary === "off" ? ["CLIPBOARD"] : ["CLIPBOARD", "PRIMARY"];
    this.#put(content, seat);
    await this.#port.own(selections, content.isEmpty ? undefined : content);
  }

  #put(content: Content, from?: ClipboardSeat): void {
    this.#offered?.content.drop();
    this.#serial += 1;
    this.#offered = { serial: this.#serial, content };
    for (const seat of this.#seats) if (seat !== from) seat.tell(this.#offered);
  }

  #left(seat: ClipboardSeat, content: OfferedContent | undefined): void {
    this.#seats.delete(seat);
    if (![...this.#seats].some(({ policy }) => policy.out)) {
      this.#unwatch?.();
      this.#unwatch = undefined;
      if (this.#offered?.content.from === "desktop") {
        this.#offered.content.drop();
        this.#offered = undefined;
      }
    }
    if (content === undefined || content.leave() || this.#offered?.content !== content) return;
    // Nothing of it can be pasted any more.
    this.#offered = undefined;
    this.#port.own(["CLIPBOARD", "PRIMARY"], undefined).catch((error: unknown) => {
      this.#log.debug({ detail: messageOf(error) }, "the clipboard could not be let go of");
    });
  }

  /** A program copied something, or let go of it. */
  async #look(selection: SelectionName, owned: boolean): Promise<void> {
    // Of an owner before us.
    if (this.#port.owns(selection)) return;
    this.#round += 1;
    const round = this.#round;
    try {
      const content = owned ? await this.#read(selection) : undefined;
      if (round !== this.#round || this.#unwatch === undefined || this.#port.owns(selection)) return;
      if (content !== undefined) this.#put(content);
      // A viewer's may be lost with the X server: it offers again what it is told is not there.
      else if (this.#offered !== undefined) this.#put(this.#nothing(selection));
    } catch (error) {
      if (!(error instanceof SelectionError)) throw error;
      this.#log.warn({ reason: error.failure, selection }, "what was copied can't be offered");
      if (round !== this.#round || error.failure === "gone" || error.failure === "refused") return;
      for (const seat of this.#seats) seat.warn(`What was copied on the desktop can't be had here. ${error.message}`);
    }
  }

  #nothing(selection: SelectionName): Content {
    return new DesktopContent({ port: this.#port, selection, targets: new Map(), maxBytes: 0 });
  }

  async #read(selection: SelectionName): Promise<Content> {
    const targets = kindsOf(await this.#port.targets(selection));
    const maxBytes = this.#options.outMaxBytes;
    const content = new DesktopContent({ port: this.#port, selection, targets, maxBytes });
    await content.learn();
    return content;
  }
}
