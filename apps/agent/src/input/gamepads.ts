// The gamepads of all viewers: eight places, who has which, what each one is doing and how it rumbles. Messages come from
// `session/input-intake.ts`; out they go to a `PadBackend` of `linux/`, and rumble goes back the other way to the viewer whose pad
// it is. Built by `agent.ts`.

import type { AgentControl } from "@eglantine/protocol/control";
import { LIMITS } from "@eglantine/protocol/limits";
import type { Closable } from "../close.ts";
import type { Log } from "../log.ts";
import { PAD_AT_REST, padRecords, type PadState } from "./gamepad.ts";
import { type Levels, Rumble } from "./pad-rumble.ts";
import { type PadBackend, type PadDevice, PadError, type PadMessage, type ViewerPads } from "./pad-types.ts";

/** A pad that is used and of which nothing is heard for so long returns to rest. Its viewer says its state more often than that. */
const SILENT_MS = 500;
/** One rumble message holds for this long at most, and is said again before that: motors never outlive their agent by more. */
const RUMBLE_MS = 2000;
const RUMBLE_AGAIN_MS = 1500;
/** And no two messages are closer: a program may change its mind thousands of times a second. */
const RUMBLE_GAP_MS = 10;

export interface PadSink {
  /** Tier and places, at start and whenever they change. */
  tell(message: Extract<AgentControl, { type: "gamepads" }>): void;
  /** `durationMs` 0: the motors stop. */
  rumble(index: number, strong: number, weak: number, durationMs: number): void;
}

interface Options {
  readonly backend: PadBackend;
  readonly nowMs: () => number;
  readonly log: Log;
}

export class Gamepads implements Closable {
  readonly #options: Options;
  readonly #places = new Set<number>();
  readonly #viewers = new Set<PadsOfViewer>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** The pads of a new viewer. `leave()` unplugs them. */
  enter(sink: PadSink): ViewerPads {
    const pads = new PadsOfViewer(this.#options, sink, {
      take: () => this.#take(),
      give: (place) => void this.#places.delete(place),
    });
    this.#viewers.add(pads);
    pads.tell();
    return {
      apply: (message) => pads.apply(message),
      rest: () => pads.rest(),
      leave: () => {
        pads.leave();
        this.#viewers.delete(pads);
      },
    };
  }

  async close(): Promise<void> {
    for (const pads of this.#viewers) pads.leave();
    this.#viewers.clear();
    await this.#options.backend.close();
  }

  #take(): number | undefined {
    for (let place = 0; place < LIMITS.gamepads; place++) {
      if (this.#places.has(place)) continue;
      this.#places.add(place);
      return place;
    }
    return undefined;
  }
}

interface Places {
  /** The lowest free one. */
  take(): number | undefined;
  give(place: number): void;
}

class PadsOfViewer implements ViewerPads {
  readonly #options: Options;
  readonly #sink: PadSink;
  readonly #places: Places;
  readonly #pads = new Map<number, Pad>();

  constructor(options: Options, sink: PadSink, places: Places) {
    this.#options = options;
    this.#sink = sink;
    this.#places = places;
  }

  apply(message: PadMessage): void {
    switch (message.type) {
      case "padConnect":
        this.#connect(message.index);
        break;
      case "padDisconnect":
        if (this.#unplug(message.index)) this.tell();
        break;
      case "padState":
      case "padAxes":
        this.#pads.get(message.index)?.apply(message);
        break;
    }
  }

  rest(): void {
    for (const pad of this.#pads.values()) pad.rest();
  }

  leave(): void {
    for (const index of this.#pads.keys()) this.#unplug(index);
  }

  tell(): void {
    const { tier, why } = this.#options.backend;
    const pads = [...this.#pads].map(([index, { place }]) => ({ index, player: place + 1 }));
    this.#sink.tell({ type: "gamepads", tier, why, pads });
  }

  #connect(index: number): void {
    const { backend, nowMs, log } = this.#options;
    if (backend.tier === "off" || this.#pads.has(index)) return;
    const place = this.#places.take();
    if (place !== undefined) {
      try {
        const rumble = (strong: number, weak: number, durationMs: number) =>
          this.#sink.rumble(index, strong, weak, durationMs);
        this.#pads.set(index, new Pad(place, { backend, nowMs, rumble }));
      } catch (error) {
        if (!(error instanceof PadError)) throw error;
        this.#places.give(place);
        log.warn({ detail: error.message }, "a gamepad could not be plugged in");
      }
    }
    this.tell();
  }

  #unplug(index: number): boolean {
    const pad = this.#pads.get(index);
    if (pad === undefined) return false;
    this.#pads.delete(index);
    pad.close();
    this.#places.give(pad.place);
    return true;
  }
}

interface PadParts {
  readonly backend: PadBackend;
  readonly nowMs: () => number;
  readonly rumble: (strong: number, weak: number, durationMs: number) => void;
}

/** One pad in its place. */
class Pad {
  readonly place: number;
  readonly #parts: PadParts;
  readonly #device: PadDevice;
  readonly #rumble = new Rumble();
  #state: PadState = PAD_AT_REST;
  /** Of the axes; buttons come in order anyway. */
  #sequence: number | undefined;
  #silence: NodeJS.Timeout | undefined;
  #rumbleTimer: NodeJS.Timeout | undefined;
  #said: Levels = { strong: 0, weak: 0 };
  #saidMs = Number.NEGATIVE_INFINITY;

  constructor(place: number, parts: PadParts) {
    this.place = place;
    this.#parts = parts;
    this.#device = parts.backend.plug(place, (owner, force) => {
      this.#rumble.take(owner, force, parts.nowMs());
      this.#drive();
    });
  }

  apply(message: Extract<PadMessage, { type: "padState" | "padAxes" }>): void {
    const { type: _type, index: _index, sequence, ...said } = message;
    let next: PadState = "buttons" in said ? { ...this.#state, buttons: said.buttons } : this.#state;
    if (this.#sequence === undefined || ((sequence - this.#sequence) | 0) > 0) {
      this.#sequence = sequence;
      next = { ...said, buttons: next.buttons };
    }
    this.#set(next);
  }

  rest(): void {
    this.#set(PAD_AT_REST);
  }

  close(): void {
    this.rest();
    clearTimeout(this.#silence);
    clearTimeout(this.#rumbleTimer);
    this.#device.close();
    if (isOn(this.#said)) this.#parts.rumble(0, 0, 0);
  }

  #set(state: PadState): void {
    const records = padRecords(this.#state, state);
    this.#state = state;
    if (records.length > 0) this.#device.write(records);
    clearTimeout(this.#silence);
    if (padRecords(PAD_AT_REST, state).length > 0) this.#silence = setTimeout(() => this.rest(), SILENT_MS);
  }

  /** Says what the motors do now, and comes back when that changes. */
  #drive(): void {
    clearTimeout(this.#rumbleTimer);
    const nowMs = this.#parts.nowMs();
    const tooSoonMs = this.#saidMs + RUMBLE_GAP_MS - nowMs;
    if (tooSoonMs > 0) {
      this.#driveIn(tooSoonMs);
      return;
    }
    const levels = this.#rumble.levels(nowMs);
    const on = isOn(levels);
    const changed = levels.strong !== this.#said.strong || levels.weak !== this.#said.weak;
    if (changed || (on && nowMs - this.#saidMs >= RUMBLE_AGAIN_MS)) {
      this.#said = levels;
      this.#saidMs = nowMs;
      this.#parts.rumble(levels.strong, levels.weak, on ? RUMBLE_MS : 0);
    }
    const turnMs = this.#rumble.nextChangeMs(nowMs);
    if (turnMs !== undefined) this.#driveIn(Math.min(turnMs - nowMs, RUMBLE_AGAIN_MS));
    else if (on) this.#driveIn(RUMBLE_AGAIN_MS);
  }

  #driveIn(waitMs: number): void {
    this.#rumbleTimer = setTimeout(() => this.#drive(), Math.max(1, Math.ceil(waitMs)));
  }
}

const isOn = ({ strong, weak }: Levels): boolean => strong > 0 || weak > 0;
