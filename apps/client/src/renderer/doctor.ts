// The doctor of the other end: asks the agent to look at the place where it runs, and keeps the rows as they come. Owned by `client.ts`, fed by
// `connection/connection.ts`, shown by `ui/doctor-panel.tsx`.

import type { ViewerControl } from "@eglantine/protocol/control";
import type { DoctorRow } from "@eglantine/protocol/doctor";
import { said, type Sentence } from "./messages/said.ts";
import type { DoctorMessage } from "./connection/connection.ts";
import { Store } from "./store.ts";

export interface DoctorState {
  readonly phase: "idle" | "running" | "done";
  /** What is looked at, in the order of the table. */
  readonly checks: readonly Pick<DoctorRow, "name" | "group" | "title">[];
  /** By name: those that have ended. */
  readonly rows: ReadonlyMap<string, DoctorRow>;
  /** Why there are no more rows, or none at all. */
  readonly why: Sentence | undefined;
}

const IDLE: DoctorState = { phase: "idle", checks: [], rows: new Map(), why: undefined };

export class Doctor {
  readonly state = new Store<DoctorState>(IDLE);
  readonly #send: (message: ViewerControl) => void;

  constructor(send: (message: ViewerControl) => void) {
    this.#send = send;
  }

  run(measure: boolean): void {
    if (this.state.get().phase === "running") return;
    this.state.set({ ...IDLE, phase: "running" });
    this.#send({ type: "doctor", run: true, measure, clockMs: Date.now() });
  }

  stop(): void {
    if (this.state.get().phase === "running") this.#send({ type: "doctor", run: false, measure: false, clockMs: 0 });
  }

  take(message: DoctorMessage): void {
    const state = this.state.get();
    // What still comes of a session before this one.
    if (state.phase !== "running") return;
    switch (message.type) {
      case "doctorBegun":
        this.state.set({ ...state, checks: message.checks });
        break;
      case "doctorRow": {
        const { type: _, figures, ...row } = message;
        const whole = { ...row, figures: Object.fromEntries(figures.map(({ name, value }) => [name, value])) };
        this.state.set({ ...state, rows: new Map([...state.rows, [row.name, whole]]) });
        break;
      }
      case "doctorEnded":
        this.state.set({ ...state, phase: "done", why: message.why });
    }
  }

  /** The connection is lost, and the run with it. */
  rest(): void {
    const state = this.state.get();
    if (state.phase === "running") this.state.set({ ...state, phase: "done", why: said("notices", "doctor-lost") });
  }
}
