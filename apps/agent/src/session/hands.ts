// What one viewer's hands are at the desktop: its input and its gamepads, and what it is told for them: grabs, how pens are taken, where the
// pointer is, the pointer's shape. A viewer that may only watch has none and sees the shape. Owned by `session.ts`.

import type { AgentControl } from "@eglantine/protocol/control";
import { feedbackCodec, type FeedbackMessage } from "@eglantine/protocol/feedback";
import { messageOf } from "../errors.ts";
import { atOrigin, spotInWindow } from "../input/at-origin.ts";
import type { Gamepads } from "../input/gamepads.ts";
import type { ViewerPads } from "../input/pad-types.ts";
import type { PlaceWatcher, ViewerInput } from "../input/types.ts";
import type { Log } from "../log.ts";
import type { Region } from "../video/types.ts";
import type { Desktop } from "../x11/desktop.ts";
import { CursorFeed } from "./cursor-feed.ts";

export interface HandsOptions {
  readonly desktop: Desktop;
  /** Absent: the viewer knows none. */
  readonly gamepads: Gamepads | undefined;
  readonly viewOnly: boolean;
  /** The viewer has hands, and knows `grabs`, `pen` and feedback `pointerAt`. */
  readonly tells: boolean;
  /** What of the desktop its window shows; undefined: all of it. */
  readonly region: () => Region | undefined;
  readonly send: (message: AgentControl) => void;
  /** Over the path in use. False: dropped. */
  readonly sendFeedback: (message: Uint8Array) => boolean;
  readonly log: Log;
}

const NO_INPUT: ViewerInput & { leave(): void } = {
  holding: false,
  apply: () => undefined,
  releaseAll: () => undefined,
  leave: () => undefined,
};
const NO_PADS: ViewerPads = { apply: () => undefined, rest: () => undefined, leave: () => undefined };

export class Hands {
  readonly input: ViewerInput;
  readonly pads: ViewerPads;
  readonly #options: HandsOptions;
  readonly #leaveInput: () => void;
  #unwatchGrabs: (() => void) | undefined;
  #cursor: CursorFeed | undefined;

  constructor(options: HandsOptions) {
    this.#options = options;
    const { desktop, viewOnly, region } = options;
    const input = viewOnly ? NO_INPUT : atOrigin(desktop.enterInput(this.#placeWatcher()), region);
    this.input = input;
    this.#leaveInput = () => input.leave();
    this.pads = this.#enterPads();
  }

  /** Tells the viewer what it needs to know, behind `hello`. */
  begin(): void {
    const { desktop, tells, send } = this.#options;
    if (!tells) return;
    this.#unwatchGrabs = desktop.watchGrabs((grabs) => send({ type: "grabs", ...grabs }));
    void this.#tellPen();
  }

  /** There is a path for the pointer's shape. */
  showCursor(): void {
    const { desktop, sendFeedback } = this.#options;
    this.#cursor = new CursorFeed((watcher) => desktop.watchCursor(watcher), sendFeedback);
  }

  /** That is another path now. */
  pathChanged(): void {
    this.#cursor?.moved();
  }

  /** Lets go of everything. */
  leave(): void {
    this.#leaveInput();
    this.pads.leave();
    this.#cursor?.close();
    this.#unwatchGrabs?.();
  }

  async #tellPen(): Promise<void> {
    const { desktop, send, log } = this.#options;
    try {
      send({ type: "pen", ...(await desktop.penWay()) });
    } catch (error) {
      log.warn({ detail: messageOf(error) }, "the X server does not tell its devices");
    }
  }

  #placeWatcher(): PlaceWatcher | undefined {
    const { tells, region } = this.#options;
    if (!tells) return undefined;
    return (sequence, xPx, yPx) => this.#feed({ type: "pointerAt", sequence, ...spotInWindow({ xPx, yPx }, region()) });
  }

  #enterPads(): ViewerPads {
    const { gamepads, viewOnly, send } = this.#options;
    if (gamepads === undefined || viewOnly) return NO_PADS;
    return gamepads.enter({
      tell: send,
      rumble: (index, strong, weak, durationMs) => {
        this.#feed({ type: "padRumble", index, strong, weak, durationMs });
      },
    });
  }

  #feed(message: FeedbackMessage): boolean {
    return this.#options.sendFeedback(feedbackCodec.encode(message));
  }
}
