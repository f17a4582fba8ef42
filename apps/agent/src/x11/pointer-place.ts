// Where the X server's pointer is, for viewers whose hands count instead of pointing: they draw it there themselves. X tells nobody of it; asked
// while input comes and the pointer is shown, and told through `session/session.ts` (feedback `pointerAt`). Otherwise nothing is.

import type { PointerInfo } from "x11";
import { messageOf } from "../errors.ts";
import type { PlaceWatcher } from "../input/types.ts";
import type { Log } from "../log.ts";
import type { XConnection } from "./client.ts";
import { PacedLook } from "./paced-look.ts";
import type { Spot } from "./warps.ts";

/** A screen shows no more places of it, ms. */
const EVERY_MS = 16;
/** A program may set it elsewhere because of the last click, ms. */
const LAST_MS = 400;

interface Seat {
  /** The last position of this viewer's that was taken, while it counts; undefined: it points. */
  readonly counting: () => number | undefined;
  readonly tell: PlaceWatcher;
  told: (Spot & { readonly sequence: number }) | undefined;
}

export class XPointerPlace {
  readonly #log: Log;
  readonly #hidden: () => boolean;
  readonly #seats = new Set<Seat>();
  readonly #looks = new PacedLook({ everyMs: EVERY_MS, lastMs: LAST_MS, look: () => this.#look() });
  #connection: XConnection | undefined;

  constructor(log: Log, hidden: () => boolean) {
    this.#log = log;
    this.#hidden = hidden;
  }

  attach(connection: XConnection): void {
    this.#connection = connection;
    this.poke();
  }

  detach(): void {
    this.#connection = undefined;
    this.#looks.rest();
  }

  /** Returns what ends it. */
  watch(counting: () => number | undefined, tell: PlaceWatcher): () => void {
    const seat: Seat = { counting, tell, told: undefined };
    this.#seats.add(seat);
    return () => {
      this.#seats.delete(seat);
      if (this.#seats.size === 0) this.#looks.rest();
    };
  }

  /** Input came, or the pointer is shown again. */
  poke(): void {
    let counts = false;
    for (const seat of this.#seats) {
      if (seat.counting() === undefined) seat.told = undefined;
      else counts = true;
    }
    if (counts && !this.#hidden()) this.#looks.poke();
  }

  async #look(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined || this.#hidden()) return;
    const { client, root } = connection;
    // The server has done by then all that was written before.
    const asked = [...this.#seats].map((seat) => ({ seat, sequence: seat.counting() }));
    try {
      const answer = connection.ask<PointerInfo>((callback) => client.QueryPointer(root, callback));
      client.pack_stream.flush();
      const { rootX: xPx, rootY: yPx } = await answer;
      for (const { seat, sequence } of asked) if (sequence !== undefined) this.#tell(seat, { sequence, xPx, yPx });
    } catch (error) {
      this.#log.debug({ detail: messageOf(error) }, "pointer could not be asked for");
    }
  }

  #tell(seat: Seat, at: Spot & { readonly sequence: number }): void {
    const { told } = seat;
    if (told?.sequence === at.sequence && told.xPx === at.xPx && told.yPx === at.yPx) return;
    // What was dropped is told with the next look.
    seat.told = seat.tell(at.sequence, at.xPx, at.yPx) ? at : undefined;
  }
}
