// A fake of what makes gamepads (`input/pad-types.ts`): it writes down what is done with each place.

import { Gamepads } from "../input/gamepads.ts";
import { type ForceListener, type PadBackend, PadError, type ViewerPads } from "../input/pad-types.ts";
import { createLog } from "../log.ts";

export class FakePadBackend implements PadBackend {
  readonly tier: PadBackend["tier"];
  readonly why = "it is a fake";
  /** "plug 0", "unplug 0", and "0: 1.304=1" for a report of events TYPE.CODE=VALUE. */
  readonly done: string[] = [];
  /** Of what is plugged in, by place. */
  readonly forces = new Map<number, ForceListener>();
  /** What plugging one in throws. */
  refusal: string | undefined;

  constructor(tier: PadBackend["tier"] = "interposer") {
    this.tier = tier;
  }

  plug(place: number, onForce: ForceListener) {
    if (this.refusal !== undefined) throw new PadError(this.refusal);
    this.done.push(`plug ${place}`);
    this.forces.set(place, onForce);
    return {
      write: (records: readonly { type: number; code: number; value: number }[]) =>
        void this.done.push(
          `${place}: ${records.map(({ type, code, value }) => `${type}.${code}=${value}`).join(" ")}`,
        ),
      close: () => {
        this.forces.delete(place);
        this.done.push(`unplug ${place}`);
      },
    };
  }

  async close(): Promise<void> {}

  /** All since the last call. */
  take(): string[] {
    return this.done.splice(0);
  }
}

export const fakeGamepads = (backend = new FakePadBackend()): Gamepads =>
  new Gamepads({ backend, nowMs: () => performance.now(), log: createLog("silent") });

/** Writes each message down as its type. */
export class FakeViewerPads implements ViewerPads {
  readonly calls: string[] = [];
  readonly apply: ViewerPads["apply"] = ({ type, index }) => void this.calls.push(`${type} ${index}`);
  readonly rest = (): void => void this.calls.push("rest");
  readonly leave = (): void => void this.calls.push("leave");
}
