// Why the session ended or could not begin, and what to do about it. From `app.tsx`.

import { useEffect, useRef } from "react";
import type { Client } from "../client.ts";
import { describeFailure, type Failure } from "../connection/failure.ts";
import type { StageProgress } from "../connection/stages.ts";
import controls from "./controls.module.css";
import { Page } from "./page.tsx";
import { StageList } from "./stage-list.tsx";
import styles from "./page.module.css";

interface EndPageProps {
  readonly client: Client;
  readonly failure: Failure;
  readonly stages: StageProgress | undefined;
}

export function EndPage({ client, failure, stages }: EndPageProps) {
  const again = useRef<HTMLButtonElement>(null);
  useEffect(() => again.current?.focus(), []);
  const { sentence, remedy, detail } = describeFailure(failure);
  const left = failure.reason === "viewer-left";
  return (
    <Page testId="end-page">
      <h1 data-testid="end-reason" data-reason={failure.reason} role="alert">
        {sentence}
      </h1>
      <p className={styles["remedy"]}>{remedy}</p>
      <p className={styles["where"]}>{client.connection.target?.address.pageUrl}</p>
      {stages !== undefined && <StageList stages={stages} />}
      {detail !== undefined && (
        <p className={styles["detail"]}>
          {failure.byAgent ? "The agent says: " : ""}
          {detail}
        </p>
      )}
      <p className={styles["actions"]}>
        <button
          ref={again}
          type="button"
          data-testid="connect-again"
          className={controls["primary"]}
          onClick={() => client.again()}
        >
          {left ? "Connect again" : "Try again"}
        </button>
        {!client.monitors.further && (
          <button type="button" className={controls["plain"]} onClick={() => client.connection.reset()}>
            Another desktop
          </button>
        )}
      </p>
    </Page>
  );
}
