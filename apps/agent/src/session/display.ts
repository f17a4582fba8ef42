// The size and scale of the desktop, or the size of the monitor that is this window's, for one viewer: tells them, and changes them when the
// viewer asks and may. Owned by `session.ts`.

import type { AgentControl } from "@eglantine/protocol/control";
import { LIMITS } from "@eglantine/protocol/limits";
import { nearestScale } from "@eglantine/protocol/scale";
import { messageOf } from "../errors.ts";
import type { Screen } from "../input/types.ts";
import type { Log } from "../log.ts";
import type { Desktop } from "../x11/desktop.ts";
import { fitDesktop } from "../x11/size-limit.ts";
import type { MonitorSeat } from "./monitors.ts";

export interface ViewerDisplayOptions {
  readonly desktop: Desktop;
  readonly seat: MonitorSeat;
  /** A further window, which shows its own monitor and nothing else. */
  readonly further: boolean;
  /** The viewer may change it. */
  readonly resize: boolean;
  readonly send: (message: Extract<AgentControl, { type: "display" | "notice" }>) => void;
  readonly log: Log;
}

export class ViewerDisplay {
  readonly #options: ViewerDisplayOptions;
  readonly #unwatch: readonly (() => void)[];
  /** It was told that its window is larger than the desktop may be. */
  #bounded = false;

  constructor(options: ViewerDisplayOptions) {
    const { desktop, seat } = options;
    this.#options = options;
    if (desktop.reachable) this.#tell(this.#size);
    this.#unwatch = [desktop.watchSize(() => this.#tell(this.#size)), seat.watch(() => this.#tell(this.#size))];
  }

  /** The picture has this size. A card has one of its own; when the desktop is back, its size is told again. */
  picture(widthPx: number, heightPx: number): void {
    const { desktop } = this.#options;
    this.#tell(desktop.reachable ? this.#size : { widthPx, heightPx });
  }

  /** `scale`: what the viewer's screen asks for; undefined: nothing. */
  async resize(wanted: Screen, scale: number | undefined): Promise<void> {
    const { desktop, seat, resize, send, log } = this.#options;
    const size = fitDesktop(wanted, desktop.maxSize);
    const factor = size.widthPx / wanted.widthPx;
    try {
      if (resize) {
        this.#boundedTo(size, factor < 1);
        // What is scaled up by the viewer is drawn as much smaller.
        await seat.resize(size, scale === undefined ? undefined : nearestScale(scale * factor));
      }
      if (desktop.reachable) this.#tell(this.#size);
    } catch (error) {
      log.warn({ detail: messageOf(error), ...size }, "resize failed");
      const text = `The desktop keeps its size: ${messageOf(error)}.`.slice(0, LIMITS.textChars);
      send({ type: "notice", level: "warning", text });
    }
  }

  close(): void {
    for (const unwatch of this.#unwatch) unwatch();
  }

  /** Undefined: its monitor is not there yet. */
  get #size(): Screen | undefined {
    const { seat, desktop, further } = this.#options;
    return seat.region ?? (further ? undefined : desktop.size);
  }

  #tell(screen: Screen | undefined): void {
    if (screen === undefined) return;
    const { widthPx, heightPx } = screen;
    const fits = (sidePx: number) => sidePx >= LIMITS.displayMinPx && sidePx <= LIMITS.displayMaxPx;
    const { send, desktop, seat } = this.#options;
    const told = desktop.scale === undefined ? {} : { scale: desktop.scale.scale, scaleBy: desktop.scale.by };
    const monitors = seat.count > 1 ? { monitors: seat.count } : {};
    if (fits(widthPx) && fits(heightPx)) send({ type: "display", widthPx, heightPx, ...told, ...monitors });
  }

  /** Said once for as long as it holds. */
  #boundedTo({ widthPx, heightPx }: Screen, bounded: boolean): void {
    if (bounded && !this.#bounded) {
      const text = `This desktop gets no larger than ${widthPx}×${heightPx} in a window of this shape: it is shown enlarged.`;
      this.#options.send({ type: "notice", level: "info", text });
    }
    this.#bounded = bounded;
  }
}
