// Connecting as a list of named stages, from `connection/stages.ts`.

import { type StageProgress, type StageState, viewStages } from "../connection/stages.ts";
import styles from "./stage-list.module.css";

const SPOKEN: Readonly<Record<StageState, string>> = {
  waiting: "not yet",
  running: "under way",
  done: "done",
  skipped: "not needed",
  failed: "failed",
};

export function StageList({ stages }: { readonly stages: StageProgress }) {
  return (
    <ol data-testid="stage-list" className={styles["list"]}>
      {viewStages(stages).map(({ name, title, state, tookMs }) => (
        <li key={name} data-stage={name} data-state={state} className={styles[state]}>
          <svg viewBox="0 0 16 16" aria-hidden="true">
            {state === "done" && <path d="M3.5 8.5l3 3 6-7" />}
            {state === "failed" && <path d="M4.5 4.5l7 7m0-7l-7 7" />}
            {state === "skipped" && <path d="M4 8h8" />}
            {(state === "running" || state === "waiting") && <circle cx="8" cy="8" r="3" />}
          </svg>
          <span>{title}</span>
          <span className={styles["took"]}>
            {tookMs === undefined ? (
              <span className={styles["spoken"]}>{SPOKEN[state]}</span>
            ) : (
              `${Math.round(tookMs)} ms`
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}
