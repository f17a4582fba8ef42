// Who was turned away at a door, by reason: counted all, told in the log once a second for each reason, since anybody can cause
// such lines. Kept by `websocket.ts` and `vnc-proxy.ts`.

import type { Log } from "../log.ts";
import { RateGate } from "../session/rate.ts";
import type { Tally } from "../tally.ts";

export class Refusals<Name extends string> {
  readonly #tally: Tally<Name>;
  readonly #text: string;
  readonly #nowMs: () => number;
  readonly #log: Log;
  readonly #lines = new Map<Name, RateGate>();

  /** `text` begins every line. */
  constructor(tally: Tally<Name>, text: string, nowMs: () => number, log: Log) {
    this.#tally = tally;
    this.#text = text;
    this.#nowMs = nowMs;
    this.#log = log;
  }

  add(reason: Name, facts: { readonly address: string; readonly detail?: string; readonly origin?: string }): void {
    const count = this.#tally.add(reason);
    let line = this.#lines.get(reason);
    if (line === undefined) this.#lines.set(reason, (line = new RateGate(1)));
    if (line.pass(this.#nowMs())) this.#log.warn({ ...facts, reason, count }, this.#text);
  }
}
