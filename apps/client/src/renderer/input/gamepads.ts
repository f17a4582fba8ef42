// The viewer's gamepads: which are there (Gamepad API), what they do, and their motors. From the browser by way of `pad-state.ts`
// (pure) to `send.ts`; rumble comes back from the agent. Shown by `ui/gamepads-panel.tsx`. Polled with the display, and only while one is
// plugged in. In a hidden page the browser freezes what it says of gamepads, so there they are let go of instead of being polled by a timer.

import type { FeedbackMessage } from "@eglantine/protocol/feedback";
import type { InputMessage } from "@eglantine/protocol/input";
import { LIMITS } from "@eglantine/protocol/limits";
import { Store } from "../store.ts";
import { padStateOf, PadTeller } from "./pad-state.ts";

/** A gamepad that the browser shows. */
export interface SeenPad {
  /** Our own number of it; undefined: it can't be used, see `standard`, or there are too many. */
  readonly index: number | undefined;
  /** The browser's name for it. */
  readonly name: string;
  /** The browser knows its layout. */
  readonly standard: boolean;
  readonly rumble: boolean;
}

interface KnownPad extends SeenPad {
  /** The browser's number. */
  readonly place: number;
  teller: PadTeller | undefined;
}

export class Gamepads {
  /** Undefined: this browser gives this page none at all. */
  readonly seen = new Store<readonly SeenPad[] | undefined>("getGamepads" in navigator ? [] : undefined);
  readonly #send: (message: InputMessage) => void;
  readonly #ended = new AbortController();
  #known: readonly KnownPad[] = [];
  #running = false;
  #sequence = 0;
  #frame: number | undefined;

  constructor(send: (message: InputMessage) => void) {
    this.#send = send;
    const { signal } = this.#ended;
    for (const type of ["gamepadconnected", "gamepaddisconnected"]) {
      window.addEventListener(type, () => this.#look(), { signal });
    }
    document.addEventListener("visibilitychange", () => this.#visibility(), { signal });
    this.#look();
  }

  /** A session takes them from now on. Does nothing while one does. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    for (const pad of this.#known) this.#plug(pad);
    this.#poll();
  }

  /** The session has ended, and with it all of them. Idempotent. */
  stop(): void {
    this.#running = false;
    for (const pad of this.#known) pad.teller = undefined;
    this.#rest();
  }

  /** `durationMs` 0: the motors stop. */
  rumble({ index, strong, weak, durationMs }: Extract<FeedbackMessage, { type: "padRumble" }>): void {
    const known = this.#known.find((pad) => pad.index === index);
    const actuator = known && pads()[known.place]?.vibrationActuator;
    if (!actuator) return;
    const done =
      durationMs === 0
        ? actuator.reset()
        : actuator.playEffect("dual-rumble", {
            startDelay: 0,
            duration: durationMs,
            strongMagnitude: strong / 0xffff,
            weakMagnitude: weak / 0xffff,
          });
    // Unplugged meanwhile, or a page that was never touched.
    done.catch((error: unknown) => console.debug("no rumble", error));
  }

  close(): void {
    this.stop();
    this.#ended.abort();
  }

  /** Which are there now. */
  #look(): void {
    const before = this.#known;
    const known: KnownPad[] = [];
    for (const pad of pads()) {
      if (pad === null || !pad.connected) continue;
      const old = before.find(({ place, name }) => place === pad.index && name === pad.id);
      known.push(old ?? knownPad(pad, freeIndex([...before, ...known])));
    }
    const gone = before.filter((pad) => !known.includes(pad));
    const isNews = gone.length > 0 || known.length > before.length;
    this.#known = known;
    for (const { teller, index } of gone) {
      if (teller !== undefined && index !== undefined) this.#send({ type: "padDisconnect", index });
    }
    for (const pad of known) this.#plug(pad);
    if (isNews) this.seen.set(known);
    this.#poll();
  }

  #plug(pad: KnownPad): void {
    if (!this.#running || pad.index === undefined || pad.teller !== undefined) return;
    pad.teller = new PadTeller(pad.index, () => (this.#sequence = (this.#sequence + 1) >>> 0));
    this.#send({ type: "padConnect", index: pad.index });
  }

  #poll(): void {
    const used = this.#running && !document.hidden && this.#known.some((pad) => pad.teller !== undefined);
    if (used) this.#frame ??= requestAnimationFrame(() => this.#read());
    else this.#rest();
  }

  #rest(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
  }

  #read(): void {
    this.#frame = undefined;
    const now = pads();
    for (const { place, teller } of this.#known) {
      const pad = now[place];
      const message = pad ? teller?.next(padStateOf(pad), performance.now()) : undefined;
      if (message !== undefined) this.#send(message);
    }
    this.#poll();
  }

  #visibility(): void {
    this.#poll();
    if (!document.hidden) return;
    for (const { teller } of this.#known) {
      const message = teller?.rest(performance.now());
      if (message !== undefined) this.#send(message);
    }
  }
}

function pads(): readonly (Gamepad | null)[] {
  return "getGamepads" in navigator ? navigator.getGamepads() : [];
}

function knownPad(pad: Gamepad, free: number | undefined): KnownPad {
  const standard = pad.mapping === "standard";
  return {
    index: standard ? free : undefined,
    name: pad.id,
    standard,
    rumble: Boolean(pad.vibrationActuator),
    place: pad.index,
    teller: undefined,
  };
}

/** The lowest that none of them has. */
function freeIndex(known: readonly KnownPad[]): number | undefined {
  const taken = new Set(known.map(({ index }) => index));
  for (let index = 0; index < LIMITS.gamepads; index++) if (!taken.has(index)) return index;
  return undefined;
}
