// The doctor as a panel: what works where the desktop runs, what does not, and what to change, row by row as the checks end; to be copied as
// text and as JSON. Opened from the toolbar. Next: `doctor.ts`.

import {
  countVerdicts,
  DOCTOR_GROUPS,
  type DoctorRow,
  type DoctorVerdict,
  doctorReport,
  overallVerdict,
} from "@eglantine/protocol/doctor";
import { asSentence, doctorText } from "@eglantine/protocol/doctor-text";
import { useState } from "react";
import type { Client } from "../client.ts";
import type { DoctorState } from "../doctor.ts";
import controls from "./controls.module.css";
import styles from "./doctor-panel.module.css";
import panel from "./panel.module.css";
import { Panel } from "./panel.tsx";
import { useStore } from "./use-store.ts";
import { useSay, useText } from "./use-text.ts";

/** Each of another shape: colour is not all that tells them apart. */
const SIGNS: Record<DoctorVerdict | "waiting", string> = {
  pass: "M3.5 8.5l3 3 6-7",
  warn: "M8 2.5l6 11H2zM8 6.5v3M8 11.6v.1",
  fail: "M4.5 4.5l7 7m0-7l-7 7",
  skip: "M4 8h8",
  waiting: "M8 4v4l2.5 1.5",
};

export function DoctorPanel({ client }: { readonly client: Client }) {
  const t = useText("doctor");
  const state = useStore(client.doctor.state);
  const { agent } = useStore(client.connection.facts);
  const [measure, setMeasure] = useState(true);
  const running = state.phase === "running";
  const rows = state.checks.flatMap(({ name }) => state.rows.get(name) ?? []);

  return (
    <Panel client={client} title={t("title")} testId="doctor-panel" focus="[data-testid=doctor-run]">
      <p className={panel["note"]}>{t("intro")}</p>
      <div className={styles["actions"]}>
        <button
          type="button"
          className={controls["primary"]}
          data-testid="doctor-run"
          onClick={() => (running ? client.doctor.stop() : client.doctor.run(measure))}
        >
          {running ? t("stop") : state.phase === "idle" ? t("examine") : t("examine-again")}
        </button>
        <label className={panel["check"]}>
          <input
            type="checkbox"
            data-testid="doctor-measure"
            checked={measure}
            disabled={running}
            onChange={(event) => setMeasure(event.target.checked)}
          />
          <span>{t("measure")}</span>
        </label>
      </div>
      <Progress state={state} rows={rows} />
      {DOCTOR_GROUPS.map((group) => {
        const inGroup = state.checks.filter((check) => check.group === group);
        if (inGroup.length === 0) return null;
        return (
          <section key={group} className={styles["group"]}>
            <h3>{t(`group.${group}`)}</h3>
            <ul className={styles["rows"]}>
              {inGroup.map(({ name, title }) => (
                <Row key={name} name={name} title={title} row={state.rows.get(name)} running={running} />
              ))}
            </ul>
          </section>
        );
      })}
      {rows.length > 0 && (
        <footer className={styles["copies"]}>
          <Copy
            label={t("copy-text")}
            testId="doctor-copy-text"
            text={() => doctorText(rows, { widthChars: 100, colour: false })}
          />
          <Copy
            label={t("copy-json")}
            testId="doctor-copy-json"
            text={() => JSON.stringify(doctorReport(rows, agent ?? ""), null, 2)}
          />
        </footer>
      )}
    </Panel>
  );
}

function Progress({ state, rows }: { readonly state: DoctorState; readonly rows: readonly DoctorRow[] }) {
  const t = useText("doctor");
  const say = useSay();
  if (state.phase === "idle") return null;
  const { pass, warn, fail, skip } = countVerdicts(rows);
  const counts = t("counts", { pass, warn, fail, skip });
  const verdict = t(`word.${overallVerdict(rows)}`);
  const why = state.why === undefined ? undefined : say(state.why);
  return (
    <div>
      {state.phase === "running" && (
        <progress
          className={styles["progress"]}
          data-testid="doctor-progress"
          aria-label={t("ended-label")}
          max={Math.max(1, state.checks.length)}
          value={rows.length}
        />
      )}
      <p className={styles["summary"]} role="status" data-testid="doctor-summary" data-phase={state.phase}>
        {state.phase === "running"
          ? t("ended", { count: rows.length, all: state.checks.length })
          : [why, rows.length > 0 && t("verdict", { verdict, counts })].filter(Boolean).join(" ")}
      </p>
    </div>
  );
}

interface RowProps {
  readonly name: string;
  readonly title: string;
  readonly row: DoctorRow | undefined;
  readonly running: boolean;
}

function Row({ name, title, row, running }: RowProps) {
  const t = useText("doctor");
  if (row === undefined && !running) return null;
  const verdict = row?.verdict ?? "waiting";
  return (
    <li data-testid="doctor-row" data-name={name} data-verdict={verdict}>
      <div className={styles["head"]}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d={SIGNS[verdict]} />
        </svg>
        <span>{title}</span>
        <span className={styles["verdict"]}>{t(`word.${verdict}`)}</span>
      </div>
      {row !== undefined && (
        <p className={panel["note"]}>
          {asSentence(row.seen)} {asSentence(row.means)}
        </p>
      )}
      {row?.fix !== undefined && (
        <div className={styles["fix"]}>
          <code data-testid="doctor-fix">{row.fix}</code>
          <Copy label={t("copy")} text={() => row.fix ?? ""} />
        </div>
      )}
      {(row?.details?.length ?? 0) > 0 && (
        <details className={panel["note"]}>
          <summary>{t("details")}</summary>
          <ul className={styles["details"]}>
            {row?.details?.map((detail) => (
              <li key={detail}>{detail}</li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

/** Plain http:// pages have no clipboard of the browser's: the text is shown there, to be copied by hand. */
function Copy({
  label,
  text,
  testId,
}: {
  readonly label: string;
  readonly text: () => string;
  readonly testId?: string;
}) {
  const t = useText("doctor");
  const [outcome, setOutcome] = useState<"copied" | "refused">();
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text());
      setOutcome("copied");
    } catch (error) {
      console.debug("the browser's clipboard takes nothing", error);
      setOutcome("refused");
    }
  };
  return (
    <>
      <button type="button" className={styles["copy"]} data-testid={testId} onClick={() => void copy()}>
        {outcome === "copied" ? t("copied") : label}
      </button>
      {outcome === "refused" && (
        <textarea
          ref={(box) => box?.select()}
          className={styles["byHand"]}
          aria-label={t("by-hand", { label })}
          readOnly
          rows={4}
          value={text()}
        />
      )}
    </>
  );
}
