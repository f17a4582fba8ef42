// Why the session ended or could not begin, and what to do about it. From `app.tsx`.

import { useEffect, useRef } from "react";
import type { Client } from "../client.ts";
import { describeFailure, type Failure } from "../connection/failure.ts";
import type { StageProgress } from "../connection/stages.ts";
import controls from "./controls.module.css";
import { Page } from "./page.tsx";
import { StageList } from "./stage-list.tsx";
import styles from "./page.module.css";
import { useSay, useText } from "./use-text.ts";

interface EndPageProps {
  readonly client: Client;
  readonly failure: Failure;
  readonly stages: StageProgress | undefined;
}

export function EndPage({ client, failure, stages }: EndPageProps) {
  const t = useText("connection");
  const say = useSay();
  const again = useRef<HTMLButtonElement>(null);
  useEffect(() => again.current?.focus(), []);
  const { sentence, remedy, detail } = describeFailure(failure);
  const left = failure.reason === "viewer-left";
  return (
    <Page testId="end-page">
      <div role="alert">
        <h1 data-testid="end-reason" data-reason={failure.reason}>
          {say(sentence)}
        </h1>
      </div>
      <p className={styles["remedy"]}>{say(remedy)}</p>
      <p className={styles["where"]}>{client.connection.target?.address.pageUrl}</p>
      {stages !== undefined && <StageList stages={stages} />}
      {detail !== undefined && (
        <p className={styles["detail"]}>{failure.byAgent ? t("agent-says", { detail }) : detail}</p>
      )}
      <p className={styles["actions"]}>
        <button
          ref={again}
          type="button"
          data-testid="connect-again"
          className={controls["primary"]}
          onClick={() => client.again()}
        >
          {left ? t("connect-again") : t("try-again")}
        </button>
        {!client.monitors.further && (
          <button
            type="button"
            className={controls["plain"]}
            onClick={() => (client.saved === undefined ? client.connection.reset() : void client.goHome())}
          >
            {t("another-desktop")}
          </button>
        )}
      </p>
    </Page>
  );
}
