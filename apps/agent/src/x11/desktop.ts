// The X display as the sessions see it: its size, its pointer's shape, its keyboard and hands. Puts the parts of this
// folder on each new connection of `client.ts` and takes them off a lost one. Built by `agent.ts`.

import type { Closable } from "../close.ts";
import { Injector } from "../input/injector.ts";
import type { PlaceWatcher, Screen, Tablet, ViewerInput } from "../input/types.ts";
import type { Log } from "../log.ts";
import { type XConnection, XServerLink } from "./client.ts";
import { type CursorWatcher, XCursor } from "./cursor.ts";
import { readsDevice } from "./devices.ts";
import { type DropOutcome, type Spot, XDrop } from "./drop.ts";
import { type GrabWatcher, XGrabs } from "./grabs.ts";
import { XKeyboard } from "./keyboard.ts";
import { XPointerPlace } from "./pointer-place.ts";
import { XScreen } from "./screen.ts";
import { XSelection } from "./selection.ts";
import { XTestPort } from "./xtest.ts";

export interface Desktop {
  readonly reachable: boolean;
  readonly size: Screen;
  /** Rejects with a sentence when the X server would not. */
  resize(wanted: Screen): Promise<void>;
  watchCursor(watcher: CursorWatcher): () => void;
  watchSize(watcher: (screen: Screen) => void): () => void;
  watchGrabs(watcher: GrabWatcher): () => void;
  /** How pens reach programs. */
  penWay(): Promise<PenWay>;
  /** `onPlace`: is told where the pointer is while these hands count and the pointer is shown. */
  enterInput(onPlace?: PlaceWatcher): ViewerInput & { leave(): void };
  /** The window there that takes drops; undefined: none. */
  dropWindow(spot: Spot): Promise<number | undefined>;
  /** Drops files there, if that window still is. */
  drop(spot: Spot, window: number, paths: readonly string[]): Promise<DropOutcome>;
}

export interface PenWay {
  /** With pressure and tilt; otherwise as a mouse. */
  readonly pressure: boolean;
  /** For the user. */
  readonly why: string;
}

export class XDesktop implements Desktop, Closable {
  /** What programs copy and paste, for `clipboard/`. */
  readonly selection: XSelection;
  readonly #link: XServerLink;
  readonly #xtest = new XTestPort();
  readonly #keyboard: XKeyboard;
  readonly #cursor: XCursor;
  readonly #grabs: XGrabs;
  readonly #place: XPointerPlace;
  readonly #screen: XScreen;
  readonly #drop: XDrop;
  readonly #injector: Injector;
  readonly #sizeWatchers = new Set<(screen: Screen) => void>();
  readonly #log: Log;
  readonly #tablet: Tablet | { readonly why: string };
  #connection: XConnection | undefined;
  #reachable = false;

  constructor(options: {
    display: string;
    xauthority: string;
    dpi: number;
    log: Log;
    tablet?: Tablet | { readonly why: string };
  }) {
    this.#log = options.log;
    this.#tablet = options.tablet ?? { why: "it has no tablet" };
    this.#keyboard = new XKeyboard(options.log);
    this.#cursor = new XCursor(options.log);
    this.#grabs = new XGrabs(options.log, () => ({ hidden: this.#cursor.hidden, put: this.#xtest.put }));
    this.#place = new XPointerPlace(options.log, () => this.#cursor.hidden);
    // Games hide it when they grab the pointer.
    this.#cursor.onChange = () => {
      this.#grabs.poke();
      this.#place.poke();
    };
    this.selection = new XSelection(options.log);
    this.#drop = new XDrop(this.selection);
    this.#screen = new XScreen({
      dpi: options.dpi,
      log: options.log,
      onSize: (screen) => {
        for (const watcher of this.#sizeWatchers) watcher(screen);
      },
    });
    const tablet = "why" in this.#tablet ? undefined : this.#tablet;
    this.#injector = new Injector(this.#xtest, this.#keyboard, () => this.#screen.size, tablet);
    this.#link = new XServerLink({
      display: options.display,
      xauthority: options.xauthority,
      log: options.log,
      listener: { onUp: (connection) => this.#up(connection), onDown: () => this.#down() },
    });
  }

  /** Resolves after the first attempt to reach the X server. */
  start(): Promise<void> {
    return this.#link.start();
  }

  get reachable(): boolean {
    return this.#reachable;
  }

  get size(): Screen {
    return this.#screen.size;
  }

  resize(wanted: Screen): Promise<void> {
    return this.#screen.resize(wanted);
  }

  watchCursor(watcher: CursorWatcher): () => void {
    return this.#cursor.watch(watcher);
  }

  watchSize(watcher: (screen: Screen) => void): () => void {
    this.#sizeWatchers.add(watcher);
    return () => void this.#sizeWatchers.delete(watcher);
  }

  watchGrabs(watcher: GrabWatcher): () => void {
    return this.#grabs.watch(watcher);
  }

  /** The X server may have found the tablet since the last time. */
  async penWay(): Promise<PenWay> {
    const [tablet, connection] = [this.#tablet, this.#connection];
    if ("why" in tablet) return { pressure: false, why: tablet.why };
    if (connection === undefined) return { pressure: false, why: "the desktop can't be reached" };
    const pressure = await readsDevice(connection, tablet.name);
    this.#injector.tabletPoints = pressure;
    if (pressure) return { pressure, why: "the X server reads the tablet of the kernel that stands for it" };
    return {
      pressure,
      why: "the X server reads no tablets; programs that read /dev/input by themselves find one there",
    };
  }

  enterInput(onPlace?: PlaceWatcher): ViewerInput & { leave(): void } {
    const hands = this.#injector.enter();
    const unwatch = onPlace && this.#place.watch(() => hands.counting, onPlace);
    return {
      get holding() {
        return hands.holding;
      },
      apply: (message) => {
        hands.apply(message);
        this.#grabs.poke();
        this.#place.poke();
      },
      releaseAll: () => hands.releaseAll(),
      leave: () => {
        unwatch?.();
        hands.leave();
      },
    };
  }

  dropWindow(spot: Spot): Promise<number | undefined> {
    return this.#drop.windowAt(spot);
  }

  drop(spot: Spot, window: number, paths: readonly string[]): Promise<DropOutcome> {
    return this.#drop.drop(spot, window, paths);
  }

  close(): Promise<void> {
    this.#keyboard.restore();
    return this.#link.close();
  }

  async #up(connection: XConnection): Promise<void> {
    await Promise.all([
      this.#xtest.attach(connection),
      this.#keyboard.attach(connection),
      this.#cursor.attach(connection),
      this.#screen.attach(connection),
      this.selection.attach(connection),
      this.#drop.attach(connection),
    ]);
    this.#grabs.attach(connection);
    this.#place.attach(connection);
    this.#connection = connection;
    this.#reachable = true;
    this.#log.info({ widthPx: this.size.widthPx, heightPx: this.size.heightPx }, "X server reached");
  }

  #down(): void {
    this.#reachable = false;
    this.#connection = undefined;
    this.#injector.tabletPoints = false;
    this.#injector.forget();
    const { selection } = this;
    const pointer = [this.#cursor, this.#grabs, this.#place];
    const parts = [this.#xtest, this.#keyboard, ...pointer, this.#screen, this.#drop, selection];
    for (const part of parts) part.detach();
  }
}
