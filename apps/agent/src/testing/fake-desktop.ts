// Fakes of the desktop and of what is below the injector: they keep what reached them.

import type { InputMessage } from "@eglantine/protocol/input";
import type { InputPort, Keyboard, Locks, Screen, ViewerInput } from "../input/types.ts";
import type { CursorLook, CursorWatcher } from "../x11/cursor.ts";
import type { Desktop, PenWay } from "../x11/desktop.ts";
import type { DropOutcome, Spot } from "../x11/drop.ts";
import type { GrabWatcher } from "../x11/grabs.ts";
import type { Region } from "../video/types.ts";
import type { Monitor, MonitorWatcher } from "../x11/monitors.ts";
import type { DesktopScale } from "../x11/scale.ts";

/** Writes down each request in short form, and `|` for a flush. */
export class FakePort implements InputPort {
  readonly requests: string[] = [];

  key(keycode: number, pressed: boolean): void {
    this.requests.push(`key ${keycode} ${pressed ? "down" : "up"}`);
  }

  button(button: number, pressed: boolean): void {
    this.requests.push(`button ${button} ${pressed ? "down" : "up"}`);
  }

  unlockCaps(): void {}

  setLocks({ caps, num }: Locks): void {
    this.requests.push(`locks ${caps ? "caps" : "-"} ${num ? "num" : "-"}`);
  }

  moveTo(xPx: number, yPx: number): void {
    this.requests.push(`to ${xPx},${yPx}`);
  }

  moveBy(dx: number, dy: number): void {
    this.requests.push(`by ${dx},${dy}`);
  }

  flush(): void {
    this.requests.push("|");
  }

  /** All since the last call. */
  take(): string[] {
    return this.requests.splice(0);
  }
}

/** Places are evdev's; keysym 0x61 is on keycode 38; others are lent keycode 200. */
export const FAKE_KEYBOARD: Keyboard = {
  map: {
    byPlace: new Map([
      [30, 38],
      [42, 50],
    ]),
    byKeysym: new Map([
      [0x61, { keycode: 38, shift: false, level3: false }],
      [0x41, { keycode: 38, shift: true, level3: false }],
      [0x40, { keycode: 24, shift: false, level3: true }],
    ]),
    shiftKeys: [50],
    level3Keys: [92],
  },
  bind: () => ({ keycode: 200, shift: false, level3: false }),
  lend: () => {},
  bindWaitMs: () => 0,
};

export class FakeDesktop implements Desktop {
  reachable = true;
  size: Screen = { widthPx: 640, heightPx: 480 };
  scale: DesktopScale | undefined;
  maxSize: Screen = { widthPx: 3840, heightPx: 2160 };
  readonly applied: InputMessage[] = [];
  readonly sizeWatchers = new Set<(screen: Screen) => void>();
  readonly cursorWatchers = new Set<CursorWatcher>();
  readonly grabWatchers = new Set<GrabWatcher>();
  readonly monitorWatchers = new Set<MonitorWatcher>();
  /** Its monitors after each change, as "800x600+0+0", by output. */
  readonly layouts: string[][] = [];
  whyOneMonitor: string | undefined;
  /** By an agent before. */
  monitorLeft: Monitor | undefined;
  /** Refuses with a sentence when it throws. */
  onLayOut: () => void = () => undefined;
  #outputs = 0;
  look: CursorLook = { kind: "hidden" };
  released = 0;
  left = 0;
  /** What a resize does; refuses with a sentence when it throws. */
  onResize: (wanted: Screen, scale: number | undefined) => void = (wanted) => this.setSize(wanted);

  readonly drops: { readonly spot: Spot; readonly window: number; readonly paths: readonly string[] }[] = [];
  /** The window that takes drops, and what becomes of one. */
  dropTarget: number | undefined;
  dropOutcome: DropOutcome = "taken";

  dropWindow(): Promise<number | undefined> {
    return Promise.resolve(this.dropTarget);
  }

  drop(spot: Spot, window: number, paths: readonly string[]): Promise<DropOutcome> {
    this.drops.push({ spot, window, paths });
    return Promise.resolve(this.dropOutcome);
  }

  setSize(screen: Screen): void {
    this.size = screen;
    for (const watcher of this.sizeWatchers) watcher(screen);
  }

  async resize(wanted: Screen, scale?: number): Promise<void> {
    this.onResize(wanted, scale);
  }

  readonly scales: number[] = [];

  async rescale(scale: number): Promise<void> {
    this.scales.push(scale);
  }

  async layOut(
    wanted: readonly { readonly output: number | undefined; readonly region: Region }[],
  ): Promise<readonly number[]> {
    this.onLayOut();
    const outputs = wanted.map(({ output }) => output ?? (this.#outputs += 1));
    const texts = wanted.map(({ region: { xPx, yPx, widthPx, heightPx } }, index) => {
      return `${outputs[index]}: ${widthPx}x${heightPx}+${xPx}+${yPx}`;
    });
    this.layouts.push(texts);
    this.setSize({
      widthPx: Math.max(...wanted.map(({ region }) => region.xPx + region.widthPx)),
      heightPx: Math.max(...wanted.map(({ region }) => region.yPx + region.heightPx)),
    });
    return outputs;
  }

  async monitorsLeft(): Promise<Monitor | undefined> {
    return this.monitorLeft;
  }

  watchMonitors(watcher: MonitorWatcher): () => void {
    this.monitorWatchers.add(watcher);
    return () => void this.monitorWatchers.delete(watcher);
  }

  watchCursor(watcher: CursorWatcher): () => void {
    this.cursorWatchers.add(watcher);
    watcher(this.look);
    return () => void this.cursorWatchers.delete(watcher);
  }

  watchSize(watcher: (screen: Screen) => void): () => void {
    this.sizeWatchers.add(watcher);
    return () => void this.sizeWatchers.delete(watcher);
  }

  watchGrabs(watcher: GrabWatcher): () => void {
    this.grabWatchers.add(watcher);
    return () => void this.grabWatchers.delete(watcher);
  }

  async penWay(): Promise<PenWay> {
    return { pressure: false, why: "there is no tablet" };
  }

  /** What a program did to them, or another X server. */
  tellMonitors(monitors: readonly { readonly output: number; readonly region: Region }[], fresh = false): void {
    for (const watcher of this.monitorWatchers) watcher(monitors, fresh);
  }

  enterInput(): ViewerInput & { leave(): void } {
    return {
      holding: false,
      apply: (message) => void this.applied.push(message),
      releaseAll: () => void (this.released += 1),
      leave: () => void (this.left += 1),
    };
  }
}
