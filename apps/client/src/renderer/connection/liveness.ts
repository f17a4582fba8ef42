// Whether a connection still is one: after sleep, or in another network, a TCP connection may be dead for minutes before anybody is told. The agent is
// asked for a word (control `ping`); no answer in time is answer enough. Owned by `attempt.ts`, asked by `connection.ts`.

/** Long enough for a machine that just woke up, short enough for a new connection within the same second, ms. */
const PATIENCE_MS = 350;
/** On long links: this many round trips, and no more than the second bound, ms. */
const PATIENCE_ROUND_TRIPS = 3;
const PATIENCE_MOST_MS = 1500;
/** A timer that comes so late tells of a busy page, not of a dead connection. */
const HELD_UP_MS = 100;

export class Liveness {
  readonly #send: (id: number) => void;
  #answers = false;
  #patienceMs = PATIENCE_MS;
  #id = 0;
  #asked: { readonly id: number; readonly answer: (alive: boolean) => void; readonly timer: number } | undefined;

  constructor(send: (id: number) => void) {
    this.#send = send;
  }

  /** The agent is there. `answers`: it knows the question. */
  begin(answers: boolean, roundTripMs: number): void {
    this.#answers = answers;
    this.#patienceMs = Math.min(PATIENCE_MOST_MS, Math.max(PATIENCE_MS, PATIENCE_ROUND_TRIPS * roundTripMs));
  }

  ask(): Promise<boolean> {
    if (!this.#answers) return Promise.resolve(true);
    // The question before it is this one.
    this.#settle(true);
    this.#id = (this.#id + 1) % 2 ** 16;
    const id = this.#id;
    return new Promise((answer) => {
      this.#asked = { id, answer, timer: this.#wait() };
      this.#send(id);
    });
  }

  #wait(): number {
    const dueMs = performance.now() + this.#patienceMs;
    return setTimeout(() => {
      // A page that was held up has not looked at what came meanwhile: the answer may stand behind this.
      if (performance.now() - dueMs < HELD_UP_MS || this.#asked === undefined) this.#settle(false);
      else this.#asked = { ...this.#asked, timer: this.#wait() };
    }, this.#patienceMs);
  }

  answered(id: number): void {
    if (id === this.#asked?.id) this.#settle(true);
  }

  /** Nobody is to conclude anything. Idempotent. */
  close(): void {
    this.#settle(true);
  }

  #settle(alive: boolean): void {
    const asked = this.#asked;
    if (asked === undefined) return;
    this.#asked = undefined;
    clearTimeout(asked.timer);
    asked.answer(alive);
  }
}
