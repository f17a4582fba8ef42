// The desktop's monitors among the windows of the one viewer that has several: a window, a monitor. Who is whose is said by `windows.ts`,
// where they lie by `arrange.ts`; the X server does it (`x11/monitors.ts`). What a window shows of the desktop goes to its session.

import type { Closable } from "../close.ts";
import { messageOf } from "../errors.ts";
import type { Screen } from "../input/types.ts";
import type { Log } from "../log.ts";
import type { Region } from "../video/types.ts";
import type { Desktop } from "../x11/desktop.ts";
import type { Monitor } from "../x11/monitors.ts";
import { type Arranged, arrange, type ViewerScreen } from "./arrange.ts";

/**
 * Monitors of an agent before that nobody came back to by then are unplugged, ms from start: windows that were cut off try again within
 * half of it.
 */
const COLLECT_MS = 20_000;
const TAKEN = "another viewer has this desktop on several monitors";

/** A window's place at the desktop: all of it, or one monitor of several. */
export class MonitorSeat {
  /** The viewer's screen that it is on, as far as it said so. */
  screen: ViewerScreen | undefined;
  /** Of its monitor, where it has one of its own, or as it was asked for. */
  size: Screen | undefined;
  /** What was asked for last. */
  wanted: Screen | undefined;
  /** RandR's, while it is one of several. */
  output: number | undefined;
  readonly #monitors: Monitors;
  readonly #watchers = new Set<() => void>();
  #region: Region | undefined;
  #count = 1;

  constructor(monitors: Monitors) {
    this.#monitors = monitors;
  }

  /** What of the desktop the window shows; undefined: all of it. */
  get region(): Region | undefined {
    return this.#region;
  }

  /** Monitors of this viewer. */
  get count(): number {
    return this.#count;
  }

  /** Calls `watcher` after every change. Returns what ends that. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Of its own monitor, or of the desktop where that is one; `scale`: for programs. Rejects with a sentence. */
  resize(wanted: Screen, scale?: number): Promise<void> {
    return this.#monitors.resize(this, wanted, scale);
  }

  /** Its window went to another screen of the viewer's. Rejects with a sentence. */
  moveTo(screen: ViewerScreen): Promise<void> {
    return this.#monitors.move(this, screen);
  }

  /** For `Monitors`. */
  show(region: Region | undefined, count: number): void {
    if (same(region, this.#region) && count === this.#count) return;
    this.#region = region;
    this.#count = count;
    for (const watcher of this.#watchers) watcher();
  }
}

interface Place extends Arranged {
  readonly seat: MonitorSeat;
}

export class Monitors implements Closable {
  readonly #desktop: Desktop;
  readonly #log: Log;
  /** Of the viewer that has several, its first window first; otherwise none. */
  #plugged: readonly MonitorSeat[] = [];
  /** One change after the other. */
  #turn: Promise<void> = Promise.resolve();
  #turns = 0;
  #collecting: NodeJS.Timeout | undefined;
  #unwatch: (() => void) | undefined;

  constructor(options: { desktop: Desktop; log: Log }) {
    this.#desktop = options.desktop;
    this.#log = options.log;
  }

  /** Once. */
  start(collectMs = COLLECT_MS): void {
    this.#collecting = setTimeout(() => void this.#collect(), collectMs);
  }

  async close(): Promise<void> {
    clearTimeout(this.#collecting);
    this.#unwatch?.();
    await this.#turn;
  }

  /** Why there can be one alone. */
  get whyOne(): string | undefined {
    return this.#desktop.whyOneMonitor;
  }

  /** A viewer has several. */
  get several(): boolean {
    return this.#plugged.length > 0;
  }

  seat(): MonitorSeat {
    return new MonitorSeat(this);
  }

  /** Another viewer than the one whose first window sits here has several. */
  takenFrom(first: MonitorSeat): boolean {
    return this.several && this.#plugged[0] !== first;
  }

  /** A further window, beside those of the viewer whose first one sits at `first`. Rejects with a sentence. */
  plug(first: MonitorSeat, further: MonitorSeat, size: Screen): Promise<void> {
    return this.#take(async () => {
      if (this.takenFrom(first)) throw new Error(TAKEN);
      const others = this.several ? this.#plugged : [first];
      // What the first one shows is all, and is all the same when the desktop has grown.
      if (!this.several) first.show({ xPx: 0, yPx: 0, ...even(this.#desktop.size) }, 1);
      try {
        await this.#layOut([
          ...others.map((seat) => this.#placeOf(seat)),
          { ...this.#placeOf(further), size: even(size) },
        ]);
      } catch (error) {
        if (!this.several) first.show(undefined, 1);
        throw error;
      }
    });
  }

  /** Those of these seats that are plugged in are so no more; programs' windows go to the others, which the window manager sees to. */
  async unplug(...seats: readonly MonitorSeat[]): Promise<void> {
    const act = async (): Promise<void> => {
      const rest = this.#plugged.filter((seat) => !seats.includes(seat));
      if (rest.length < this.#plugged.length) await this.#layOut(rest.map((seat) => this.#placeOf(seat)));
    };
    await this.#take(act).catch((error: unknown) => {
      // It stays plugged in, with nobody before it, until the next change.
      this.#log.warn({ detail: messageOf(error) }, "a monitor could not be unplugged");
      const rest = this.#plugged.filter((seat) => !seats.includes(seat));
      this.#commit(rest.length > 1 ? rest : []);
      for (const seat of rest) seat.show(rest.length > 1 ? seat.region : undefined, Math.max(1, rest.length));
    });
  }

  /** Programs know one scale for all monitors: it is the first window's. */
  resize(seat: MonitorSeat, wanted: Screen, scale?: number): Promise<void> {
    const size = even(wanted);
    seat.wanted = size;
    if (!this.several && this.#turns === 0) {
      seat.size = size;
      return this.#desktop.resize(size, scale);
    }
    return this.#take(async () => {
      // A newer one follows.
      if (seat.wanted !== size) return;
      seat.size = size;
      if (!this.several) await this.#desktop.resize(size, scale);
      else if (!this.#plugged.includes(seat)) throw new Error(TAKEN);
      else {
        if (scale !== undefined && seat === this.#plugged[0]) await this.#desktop.rescale(scale);
        await this.#again();
      }
    });
  }

  async move(seat: MonitorSeat, screen: ViewerScreen): Promise<void> {
    seat.screen = screen;
    if (this.#plugged.includes(seat)) await this.#take(() => this.#again());
  }

  #placeOf(seat: MonitorSeat): Place {
    const { region, screen } = seat;
    return { seat, screen, size: seat.size ?? region ?? even(this.#desktop.size) };
  }

  async #again(): Promise<void> {
    const before = this.#plugged.map((seat) => seat.region);
    try {
      await this.#layOut(this.#plugged.map((seat) => this.#placeOf(seat)));
    } catch (error) {
      // What can't be had is not asked for again with the next change.
      for (const [index, seat] of this.#plugged.entries()) seat.size = before[index] ?? seat.size;
      throw error;
    }
  }

  /** Throws where the X server would not; then nothing is different. */
  async #layOut(places: readonly Place[]): Promise<void> {
    const regions = arrange(places);
    const isPlugged = ({ seat }: Place, at: number): boolean =>
      seat.output !== undefined && same(regions[at], seat.region);
    const unchanged = places.length === this.#plugged.length && places.every(isPlugged);
    if (!unchanged) {
      const wanted = places.flatMap(({ seat: { output } }, index) => {
        const region = regions[index];
        return region === undefined ? [] : [{ output, region }];
      });
      const outputs = await this.#desktop.layOut(wanted);
      for (const [index, { seat }] of places.entries()) seat.output = outputs[index];
    }
    this.#commit(places.length > 1 ? places.map(({ seat }) => seat) : []);
    for (const [index, { seat, size }] of places.entries()) {
      seat.size = { widthPx: size.widthPx, heightPx: size.heightPx };
      seat.show(places.length > 1 ? regions[index] : undefined, places.length);
    }
  }

  #commit(plugged: readonly MonitorSeat[]): void {
    for (const seat of this.#plugged) if (!plugged.includes(seat)) seat.output = undefined;
    this.#plugged = plugged;
    if (plugged.length > 0) {
      this.#unwatch ??= this.#desktop.watchMonitors((monitors, fresh) => this.#follow(monitors, fresh));
    } else {
      this.#unwatch?.();
      this.#unwatch = undefined;
    }
  }

  /** A program of the desktop may change them too; another X server has none of them. */
  #follow(monitors: readonly Monitor[], fresh: boolean): void {
    if (fresh) {
      for (const seat of this.#plugged) seat.output = undefined;
      this.#take(() => this.#again()).catch((error: unknown) =>
        this.#log.warn({ detail: messageOf(error) }, "monitors could not be plugged into the new X server"),
      );
      return;
    }
    // In the middle of a change of ours it says by itself where they are.
    if (this.#turns > 0) return;
    for (const seat of this.#plugged) {
      const monitor = monitors.find(({ output }) => output === seat.output);
      if (monitor !== undefined) seat.show(monitor.region, this.#plugged.length);
    }
  }

  /** What an agent left that was killed, and whose viewer did not come again. */
  async #collect(): Promise<void> {
    await this.#take(async () => {
      const first = this.several ? undefined : await this.#desktop.monitorsLeft();
      if (first === undefined) return;
      const { widthPx, heightPx } = first.region;
      await this.#desktop.layOut([{ output: first.output, region: { xPx: 0, yPx: 0, widthPx, heightPx } }]);
    }).catch((error: unknown) => this.#log.warn({ detail: messageOf(error) }, "monitors left over are not unplugged"));
  }

  #take(act: () => Promise<void>): Promise<void> {
    this.#turns += 1;
    const done = this.#turn.then(act).finally(() => (this.#turns -= 1));
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

/** Video is 4:2:0: sides are even. */
function even({ widthPx, heightPx }: Screen): Screen {
  return { widthPx: widthPx & ~1, heightPx: heightPx & ~1 };
}

function same(one: Region | undefined, other: Region | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const { xPx, yPx, widthPx, heightPx } = one;
  return xPx === other.xPx && yPx === other.yPx && widthPx === other.widthPx && heightPx === other.heightPx;
}
