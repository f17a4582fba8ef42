// Gamepads in a viewer's page. Chromium without a window has no real ones, so `navigator.getGamepads` answers with these, and that is the only
// stand-in: whatever the client does with them, and their motors, is real. Used by e2e/gamepads.test.ts.

import type { DesktopPage } from "./desktop-page.ts";

/** Of the Gamepad API, as far as a page reads it. */
interface ScriptedPad {
  id: string;
  index: number;
  connected: boolean;
  mapping: string;
  timestamp: number;
  axes: number[];
  buttons: { pressed: boolean; touched: boolean; value: number }[];
  vibrationActuator: unknown;
}

export interface PadSetting {
  /** Numbers of the standard layout. */
  readonly held?: readonly number[];
  readonly axes?: readonly number[];
  /** 0 … 1, of buttons 6 and 7. */
  readonly triggers?: readonly [number, number];
}

/** Runs in the page before the client does; stands alone. */
export function scriptPads(): void {
  const pads: (ScriptedPad | null)[] = [null, null, null, null];
  const rumbles: string[] = [];
  const tell = (type: string, pad: ScriptedPad) =>
    globalThis.dispatchEvent(Object.assign(new Event(type), { gamepad: pad }));
  Object.defineProperty(navigator, "getGamepads", { value: () => pads });
  Object.assign(globalThis, {
    eglantineTestRumbles: rumbles,
    eglantineTestPlug: (index: number, mapping: string, motors: boolean) => {
      const actuator = {
        playEffect: async (
          type: string,
          effect: { duration: number; strongMagnitude: number; weakMagnitude: number },
        ) => {
          const { duration, strongMagnitude, weakMagnitude } = effect;
          rumbles.push(`${index} ${type} ${strongMagnitude.toFixed(2)} ${weakMagnitude.toFixed(2)} ${duration}`);
          return "complete";
        },
        reset: async () => {
          rumbles.push(`${index} reset`);
          return "complete";
        },
      };
      const pad: ScriptedPad = {
        id: `Scripted pad ${index}`,
        index,
        connected: true,
        mapping,
        timestamp: 0,
        axes: [0, 0, 0, 0],
        buttons: Array.from({ length: 17 }, () => ({ pressed: false, touched: false, value: 0 })),
        vibrationActuator: motors ? actuator : null,
      };
      pads[index] = pad;
      tell("gamepadconnected", pad);
    },
    eglantineTestUnplug: (index: number) => {
      const pad = pads[index];
      pads[index] = null;
      if (pad) tell("gamepaddisconnected", { ...pad, connected: false });
    },
    eglantineTestSet: (index: number, held: number[], axes: number[], triggers: number[]) => {
      const pad = pads[index];
      if (!pad) return;
      pad.timestamp = performance.now();
      pad.axes = axes;
      pad.buttons = pad.buttons.map((_, number) => {
        const value = triggers[number - 6] ?? (held.includes(number) ? 1 : 0);
        return { pressed: value > 0.1, touched: value > 0, value };
      });
    },
  });
}

/** The pads of one viewer's page, which was opened with `beforeClient: scriptPads`. */
export class ScriptedPads {
  readonly #viewer: Pick<DesktopPage, "page">;

  constructor(viewer: Pick<DesktopPage, "page">) {
    this.#viewer = viewer;
  }

  plug(index: number, { mapping = "standard", motors = true } = {}): Promise<void> {
    return this.#call("eglantineTestPlug", index, mapping, motors);
  }

  unplug(index: number): Promise<void> {
    return this.#call("eglantineTestUnplug", index);
  }

  set(index: number, { held = [], axes = [0, 0, 0, 0], triggers = [0, 0] }: PadSetting): Promise<void> {
    return this.#call("eglantineTestSet", index, held, axes, triggers);
  }

  /** What the motors were told so far. */
  rumbles(): Promise<readonly string[]> {
    return this.#viewer.page.evaluate(() => Reflect.get(globalThis, "eglantineTestRumbles") as string[]);
  }

  #call(name: string, ...given: unknown[]): Promise<void> {
    return this.#viewer.page.evaluate(
      ([what, values]) => (Reflect.get(globalThis, what) as (...all: unknown[]) => void)(...values),
      [name, given] as const,
    );
  }
}
