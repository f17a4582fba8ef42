// The hands on the desktop: keyboard, pointer, fingers and pens (`capture.ts`), gamepads, and the cursor, with the choice of what keys are and of
// when the pointer is locked by itself. Built by `client.ts`, which says when there is something to lay hands on.

import type { FeedbackMessage } from "@eglantine/protocol/feedback";
import type { Connection } from "../connection/connection.ts";
import type { Preferences } from "../preferences.ts";
import { Store } from "../store.ts";
import type { DesktopView } from "../video/view.ts";
import { Capture, type CaptureParts } from "./capture.ts";
import { Cursor } from "./cursor.ts";
import { DrawnCursor } from "./drawn-cursor.ts";
import { Gamepads } from "./gamepads.ts";
import { keyboardMode, type KeyboardMode } from "./keyboard-mode.ts";
import { InputSender } from "./send.ts";

export interface HandsParts extends Pick<CaptureParts, "onChord" | "onKeyDown" | "onLockChange"> {
  readonly root: HTMLElement;
  /** Shows the desktop, and what is around it. */
  readonly surface: HTMLElement;
  readonly stage: HTMLElement;
  readonly preferences: Preferences;
  readonly connection: Connection;
  readonly desktop: DesktopView;
  readonly sender: InputSender;
  /** noVNC has hands of its own. */
  readonly vncOn: () => boolean;
  /** The pointer is. */
  readonly locked: () => boolean;
}

export class Hands {
  /** What keys are to the desktop now. */
  readonly keyboard: Store<KeyboardMode>;
  readonly gamepads: Gamepads;
  readonly capture: Capture;
  readonly #parts: HandsParts;
  readonly #cursor: Cursor;
  readonly #drawnCursor: DrawnCursor;
  readonly #unwatch: () => void;
  /** There is a channel for what they do. */
  #open = false;

  constructor(parts: HandsParts) {
    this.#parts = parts;
    const { surface, stage, connection, preferences, desktop, sender, onChord, onKeyDown, onLockChange } = parts;
    this.keyboard = new Store(keyboardMode(preferences.store.get().keyboard, { locked: false, grabs: undefined }));
    this.gamepads = new Gamepads((message) => sender.send(message));
    const cssPerDesktopPx = () => desktop.cssPerDesktopPx();
    this.#cursor = new Cursor(surface, cssPerDesktopPx);
    this.#drawnCursor = new DrawnCursor({
      element: surface,
      stage,
      picture: () => this.#cursor.picture,
      desktopSize: () => connection.facts.get().display,
      cssPerDesktopPx,
    });
    this.capture = new Capture({
      element: surface,
      stage,
      cssPerDesktopPx,
      desktopScale: () => connection.facts.get().display?.scale ?? 1,
      touchMode: () => preferences.store.get().touch,
      takesPen: () => connection.facts.get().pen !== undefined,
      onPlace: (at) => this.#drawnCursor.move(at),
      sender,
      desktopPixelAt: (clientX, clientY) => desktop.desktopPixelAt(clientX, clientY),
      keyboardMode: () => this.keyboard.get().mode,
      onChord,
      onKeyDown,
      onLockChange,
      say: (text) => connection.notify("info", text),
    });
    this.#unwatch = this.keyboard.watch(() => this.#keyboardChanged());
    this.#keyboardChanged();
  }

  /** The agent's word on what they did. */
  take(message: FeedbackMessage): void {
    if (message.type === "padRumble") this.gamepads.rumble(message);
    else if (message.type === "pointerAt") this.capture.pointerTold(message.sequence, message.xPx, message.yPx);
    else if (message.type === "cursorShape" || message.type === "cursorUse" || message.type === "cursorHidden") {
      this.#cursor.take(message);
      this.#drawnCursor.update();
      this.chooseLock();
    }
  }

  /** There is a channel for them from now on. */
  open(): void {
    const input = this.#parts.connection.attempt?.input;
    if (input === undefined) return;
    this.#parts.sender.attach(input);
    this.#cursor.reset();
    this.#open = true;
    if (this.#connected) this.start();
  }

  /** There is something to see. noVNC has hands of its own, but knows no gamepads; a viewer that may only watch needs none. */
  start(): void {
    this.startGamepads();
    const { vncOn, connection } = this.#parts;
    if (this.#open && !vncOn() && !connection.facts.get().viewOnly) this.capture.start();
    this.chooseLock();
  }

  startGamepads(): void {
    const { tier } = this.#parts.connection.facts.get().gamepads ?? { tier: "off" };
    if (this.#open && tier !== "off" && this.#connected) this.gamepads.start();
  }

  stop(): void {
    this.#open = false;
    this.capture.stop();
    this.gamepads.stop();
    this.#parts.sender.attach(undefined);
  }

  /** The picture's scale may have changed. */
  drawCursor(): void {
    this.#cursor.update();
    this.#drawnCursor.update();
  }

  chooseLock(): void {
    const { preferences, connection } = this.#parts;
    const taken = this.#cursor.hidden && connection.facts.get().grabs?.pointer === true;
    this.capture.setTaken(preferences.store.get().autoLock && taken);
  }

  chooseKeyboard(): void {
    const { preferences, connection, locked } = this.#parts;
    const { grabs } = connection.facts.get();
    const next = keyboardMode(preferences.store.get().keyboard, { locked: locked(), grabs });
    if (next.why !== this.keyboard.get().why || next.mode !== this.keyboard.get().mode) this.keyboard.set(next);
  }

  /** Idempotent. */
  close(): void {
    this.#unwatch();
    this.capture.stop();
    this.gamepads.close();
  }

  get #connected(): boolean {
    return this.#parts.connection.state.get().phase === "connected";
  }

  #keyboardChanged(): void {
    this.#parts.root.dataset["keyboard"] = this.keyboard.get().mode;
    this.capture.keyboardModeChanged();
  }
}
