// The doctor for viewers: runs the checks on the agent's own place when one of them asks, row by row over its control connection. One run at a
// time, for viewers that may touch the desktop; it ends with its viewer. Built by `agent.ts`; asked by `session/session.ts`.

import type { AgentControl } from "@eglantine/protocol/control";
import type { DoctorRow } from "@eglantine/protocol/doctor";
import { LIMITS } from "@eglantine/protocol/limits";
import type { Closable } from "../close.ts";
import type { Config } from "../config/load.ts";
import { createLog, type Log } from "../log.ts";
import type { DoctorAccess, DoctorSeat } from "../session/types.ts";
import { CHECKS } from "./checks/checks.ts";
import { runChecks } from "./doctor.ts";
import { Place, type PlaceOptions } from "./place.ts";
import type { Check } from "./types.ts";

export interface DoctorDeskOptions {
  /** As the agent runs now. */
  readonly config: () => Config;
  readonly environment: PlaceOptions["environment"];
  readonly checks?: readonly Check[];
  readonly log: Log;
}

type Send = (message: AgentControl) => void;
type Wish = Parameters<DoctorSeat["take"]>[0];

const VIEW_ONLY = "Who may only watch this desktop can't have its machine looked at.";
const BUSY = "An examination is under way already: one at a time.";
const STOPPED = "It was stopped.";

export class DoctorDesk implements DoctorAccess, Closable {
  readonly #options: DoctorDeskOptions;
  /** Of the one run there is. */
  #running: AbortController | undefined;
  #done: Promise<void> = Promise.resolve();

  constructor(options: DoctorDeskOptions) {
    this.#options = options;
  }

  enter(send: Send, viewOnly: boolean): DoctorSeat {
    let own: AbortController | undefined;
    const stop = (): void => own?.abort();
    return {
      take: (wish) => {
        if (!wish.run) stop();
        else if (viewOnly) send({ type: "doctorEnded", why: VIEW_ONLY });
        else if (this.#running !== undefined) send({ type: "doctorEnded", why: BUSY });
        else own = this.#begin(wish, send);
      },
      leave: stop,
    };
  }

  async close(): Promise<void> {
    this.#running?.abort();
    await this.#done;
  }

  #begin({ measure, clockMs }: Wish, send: Send): AbortController {
    const running = new AbortController();
    this.#running = running;
    const { config, environment, checks: all = CHECKS, log } = this.#options;
    const place = new Place({ config: config(), environment, viewerClockMs: clockMs, log: createLog("silent") });
    const checks = all.filter(({ alone }) => measure || alone !== true);
    send({ type: "doctorBegun", checks: checks.map(({ name, group, title }) => ({ name, group, title })) });
    log.info({ measure, checks: checks.length }, "doctor begins for a viewer");
    this.#done = runChecks(checks, place, running.signal, (row) => send(told(row)))
      .then(
        () => send({ type: "doctorEnded" }),
        (error: unknown) => {
          if (!running.signal.aborted) throw error;
          send({ type: "doctorEnded", why: STOPPED });
        },
      )
      .finally(() => {
        this.#running = undefined;
      });
    return running;
  }
}

/** Within what a message may hold. */
function told({
  name,
  group,
  title,
  verdict,
  seen,
  means,
  fix,
  details = [],
  figures = {},
  tookMs,
}: DoctorRow): AgentControl {
  const cut = (text: string): string => text.slice(0, LIMITS.textChars);
  return {
    type: "doctorRow",
    name,
    group,
    title,
    verdict,
    seen: cut(seen),
    means: cut(means),
    ...(fix === undefined ? {} : { fix: cut(fix) }),
    details: details.slice(0, LIMITS.doctorDetails).map(cut),
    figures: Object.entries(figures).map(([figure, value]) => ({ name: figure, value })),
    tookMs,
  };
}
