// Connecting as a list of named stages, from `connection/stages.ts`.

import { type StageProgress, viewStages } from "../connection/stages.ts";
import controls from "./controls.module.css";
import { useFormats, useText } from "./use-text.ts";
import styles from "./stage-list.module.css";

export function StageList({ stages }: { readonly stages: StageProgress }) {
  const t = useText("connection");
  const { millis } = useFormats();
  return (
    <ol data-testid="stage-list" className={styles["list"]}>
      {viewStages(stages).map(({ name, state, tookMs }) => (
        <li key={name} data-stage={name} data-state={state} className={styles[state]}>
          <svg viewBox="0 0 16 16" aria-hidden="true">
            {state === "done" && <path d="M3.5 8.5l3 3 6-7" />}
            {state === "failed" && <path d="M4.5 4.5l7 7m0-7l-7 7" />}
            {state === "skipped" && <path d="M4 8h8" />}
            {(state === "running" || state === "waiting") && <circle cx="8" cy="8" r="3" />}
          </svg>
          <span>{t(`stage.${name}`)}</span>
          <span className={styles["took"]}>
            {tookMs === undefined ? <span className={controls["spoken"]}>{t(`state.${state}`)}</span> : millis(tookMs)}
          </span>
        </li>
      ))}
    </ol>
  );
}
