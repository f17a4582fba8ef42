// The X display as the sessions see it: its size, its pointer's shape, its keyboard and hands. Puts the parts of this
// folder on each new connection of `client.ts` and takes them off a lost one. Built by `agent.ts`.

import type { Closable } from "../close.ts";
import { messageOf } from "../errors.ts";
import { Injector } from "../input/injector.ts";
import type { PlaceWatcher, Screen, Tablet, ViewerInput } from "../input/types.ts";
import type { Log } from "../log.ts";
import type { Region } from "../video/types.ts";
import { type XConnection, XServerLink } from "./client.ts";
import { type CursorWatcher, XCursor } from "./cursor.ts";
import { readsDevice } from "./devices.ts";
import { type DropOutcome, type Spot, XDrop } from "./drop.ts";
import { type GrabWatcher, XGrabs } from "./grabs.ts";
import { XKeyboard } from "./keyboard.ts";
import { type Monitor, type MonitorWatcher, XMonitors } from "./monitors.ts";
import { XPointerPlace } from "./pointer-place.ts";
import { type DesktopScale, type ScalePolicy, XScale } from "./scale.ts";
import { XScreen } from "./screen.ts";
import { XSelection } from "./selection.ts";
import { XTestPort } from "./xtest.ts";

export interface Desktop {
  readonly reachable: boolean;
  readonly size: Screen;
  /** How large programs draw themselves; undefined: left alone. */
  readonly scale: DesktopScale | undefined;
  /** The largest that viewers may ask for. */
  readonly maxSize: Screen;
  /** `scale`: for programs, of the viewer who asks. Rejects with a sentence when the X server would not. */
  resize(wanted: Screen, scale?: number): Promise<void>;
  /** The scale alone. */
  rescale(scale: number): Promise<void>;
  watchCursor(watcher: CursorWatcher): () => void;
  /** Of size and scale. */
  watchSize(watcher: (screen: Screen) => void): () => void;
  watchGrabs(watcher: GrabWatcher): () => void;
  /** Why there can be one monitor alone; undefined: there can be several. */
  readonly whyOneMonitor: string | undefined;
  /** Makes these its monitors; see `monitors.ts`. */
  layOut(
    wanted: readonly { readonly output: number | undefined; readonly region: Region }[],
  ): Promise<readonly number[]>;
  watchMonitors(watcher: MonitorWatcher): () => void;
  /** The first monitor, where an agent before this one left several. */
  monitorsLeft(): Promise<Monitor | undefined>;
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

export interface XDesktopOptions {
  readonly display: string;
  readonly xauthority: string;
  /** At a scale of 1. */
  readonly dpi: number;
  /** Pictures a second; the screen's rate says so. */
  readonly rateHz: number;
  /** The X server is our session's: its mode is changed at start, too. */
  readonly own: boolean;
  readonly scale: ScalePolicy;
  readonly maxSize: Screen;
  /** On which the X server speaks RFB; undefined: nobody knows. */
  readonly rfbSocket?: string | undefined;
  /** The desktop's own parts are to follow a new scale. */
  readonly tellDesktop: (dpi: number) => void;
  readonly tablet?: Tablet | { readonly why: string };
  readonly log: Log;
}

export class XDesktop implements Desktop, Closable {
  /** What programs copy and paste, for `clipboard/`. */
  readonly selection: XSelection;
  readonly maxSize: Screen;
  readonly #link: XServerLink;
  readonly #xtest = new XTestPort();
  readonly #keyboard: XKeyboard;
  readonly #cursor: XCursor;
  readonly #grabs: XGrabs;
  readonly #place: XPointerPlace;
  readonly #screen: XScreen;
  readonly #drop: XDrop;
  readonly #scale: XScale;
  readonly #own: boolean;
  readonly #monitors: XMonitors;
  readonly #injector: Injector;
  readonly #sizeWatchers = new Set<(screen: Screen) => void>();
  readonly #log: Log;
  readonly #tablet: Tablet | { readonly why: string };
  #connection: XConnection | undefined;
  #reachable = false;

  constructor(options: XDesktopOptions) {
    this.#log = options.log;
    this.#tablet = options.tablet ?? { why: "it has no tablet" };
    this.maxSize = options.maxSize;
    this.#own = options.own;
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
      rateHz: options.rateHz,
      log: options.log,
      onSize: () => this.#sized(),
    });
    this.#scale = new XScale({
      policy: options.scale,
      dpi: options.dpi,
      tellScreen: (dpi) => {
        this.#screen.dpi = dpi;
        this.#screen.tellDpi();
      },
      tellDesktop: options.tellDesktop,
      onChange: () => this.#sized(),
      log: options.log,
    });
    this.#monitors = new XMonitors({ rfbSocket: options.rfbSocket, log: options.log });
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

  get scale(): DesktopScale | undefined {
    return this.#scale.told;
  }

  async resize(wanted: Screen, scale?: number): Promise<void> {
    try {
      await this.#screen.resize(wanted);
    } finally {
      if (scale !== undefined) await this.#scale.want(scale);
    }
  }

  rescale(scale: number): Promise<void> {
    return this.#scale.want(scale);
  }

  get whyOneMonitor(): string | undefined {
    return this.#monitors.whyOne;
  }

  layOut(
    wanted: readonly { readonly output: number | undefined; readonly region: Region }[],
  ): Promise<readonly number[]> {
    return this.#monitors.layOut(wanted);
  }

  watchMonitors(watcher: MonitorWatcher): () => void {
    return this.#monitors.watch(watcher);
  }

  monitorsLeft(): Promise<Monitor | undefined> {
    return this.#monitors.left();
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

  #sized(): void {
    for (const watcher of this.#sizeWatchers) watcher(this.size);
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
    await this.#monitors.attach(connection);
    this.#grabs.attach(connection);
    this.#place.attach(connection);
    this.#connection = connection;
    await this.#scale.attach(connection);
    this.#reachable = true;
    if (this.#own) {
      this.#screen
        .tellRate()
        .catch((error: unknown) => this.#log.debug({ detail: messageOf(error) }, "the screen's rate stays"));
    }
    this.#log.info({ widthPx: this.size.widthPx, heightPx: this.size.heightPx }, "X server reached");
  }

  #down(): void {
    this.#reachable = false;
    this.#connection = undefined;
    this.#injector.tabletPoints = false;
    this.#injector.forget();
    const { selection } = this;
    const pointer = [this.#cursor, this.#grabs, this.#place];
    const parts = [
      this.#xtest,
      this.#keyboard,
      ...pointer,
      this.#screen,
      this.#scale,
      this.#monitors,
      this.#drop,
      selection,
    ];
    for (const part of parts) part.detach();
  }
}
