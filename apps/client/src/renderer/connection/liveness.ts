// Whether a connection still is one: after sleep, or in another network, a TCP connection may be dead for minutes before anybody is told. The agent is
// asked for a word (control `ping`); no answer in time is answer enough, and none while another connection reaches the agent is answer sooner. Owned by
// `attempt.ts`, asked by `connection.ts`.

/** Answers come sooner, ms, or within so many round trips: from then on another connection is tried beside this one. */
const DOUBT_MS = 60;
const DOUBT_ROUND_TRIPS = 1.5;
/** The agent can be reached, which takes more round trips than the answer: this much longer for it, and this long in all, ms. */
const REACHED_MS = 50;
const REACHED_LEAST_MS = 150;
/** Where nothing is reached. Long enough for a machine that just woke up, short enough for a new connection within the same second, ms. */
const PATIENCE_MS = 350;
/** On long links: this many round trips, and no more than the second bound, ms. */
const PATIENCE_ROUND_TRIPS = 3;
const PATIENCE_MOST_MS = 1500;
/** A timer that comes so late tells of a busy page, not of a dead connection. What came meanwhile is looked at within as much. */
const HELD_UP_MS = 100;

export interface LivenessParts {
  readonly send: (id: number) => void;
  /** No answer yet: another connection is to be tried. `reached` is to be called when it stands. */
  readonly onDoubt: () => void;
}

interface Asked {
  readonly id: number;
  readonly sinceMs: number;
  readonly alive: Promise<boolean>;
  readonly answer: (alive: boolean) => void;
}

export class Liveness {
  readonly #parts: LivenessParts;
  #answers = false;
  #doubtMs = DOUBT_MS;
  #patienceMs = PATIENCE_MS;
  #id = 0;
  #asked: Asked | undefined;
  #doubtTimer: ReturnType<typeof setTimeout> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: LivenessParts) {
    this.#parts = parts;
  }

  /** The agent is there. `answers`: it knows the question. */
  begin(answers: boolean, roundTripMs: number): void {
    this.#answers = answers;
    this.#doubtMs = Math.max(DOUBT_MS, DOUBT_ROUND_TRIPS * roundTripMs);
    this.#patienceMs = Math.min(PATIENCE_MOST_MS, Math.max(PATIENCE_MS, PATIENCE_ROUND_TRIPS * roundTripMs));
  }

  ask(): Promise<boolean> {
    if (!this.#answers) return Promise.resolve(true);
    // Networks come with several events: who asks again waits no longer.
    if (this.#asked !== undefined) return this.#asked.alive;
    this.#id = (this.#id + 1) % 2 ** 16;
    const id = this.#id;
    let answer: Asked["answer"] = () => undefined;
    const alive = new Promise<boolean>((resolve) => (answer = resolve));
    this.#asked = { id, sinceMs: performance.now(), alive, answer };
    this.#doubtTimer = setTimeout(() => this.#parts.onDoubt(), this.#doubtMs);
    this.#giveUpIn(this.#patienceMs);
    this.#parts.send(id);
    return alive;
  }

  /** Another connection has reached the agent. */
  reached(): void {
    if (this.#asked === undefined) return;
    const askedMs = performance.now() - this.#asked.sinceMs;
    this.#giveUpIn(Math.max(REACHED_MS, REACHED_LEAST_MS - askedMs));
  }

  answered(id: number): void {
    if (id === this.#asked?.id) this.#settle(true);
  }

  /** Nobody is to conclude anything. Idempotent. */
  close(): void {
    this.#settle(true);
  }

  #giveUpIn(ms: number): void {
    clearTimeout(this.#timer);
    const dueMs = performance.now() + ms;
    this.#timer = setTimeout(() => {
      // A page that was held up has not looked at what came meanwhile: the answer may stand behind this.
      if (performance.now() - dueMs < HELD_UP_MS) this.#settle(false);
      else this.#giveUpIn(HELD_UP_MS);
    }, ms);
  }

  #settle(alive: boolean): void {
    const asked = this.#asked;
    if (asked === undefined) return;
    this.#asked = undefined;
    clearTimeout(this.#doubtTimer);
    clearTimeout(this.#timer);
    asked.answer(alive);
  }
}
