// Over the last picture, dimmed, while the client tries to come back: why, when next, and two ways out.

import { useEffect, useState } from "react";
import type { Client } from "../client.ts";
import { describeFailure, type Failure } from "../connection/failure.ts";
import controls from "./controls.module.css";
import styles from "./reconnecting.module.css";
import { useSay, useText } from "./use-text.ts";

interface ReconnectingProps {
  readonly client: Client;
  readonly failure: Failure;
  /** Absent while it tries. */
  readonly retryAtMs: number | undefined;
}

export function Reconnecting({ client, failure, retryAtMs }: ReconnectingProps) {
  const t = useText("connection");
  const say = useSay();
  const { sentence } = describeFailure(failure);
  return (
    <div className={styles["cover"]} data-testid="reconnecting">
      <div className={styles["panel"]}>
        <div role="alert">
          <h1>{say(sentence)}</h1>
        </div>
        <p role="status">
          {retryAtMs === undefined ? t("trying") : <Countdown key={retryAtMs} untilMs={retryAtMs} />}{" "}
          {t("keeps-running")}
        </p>
        <p className={styles["actions"]}>
          <button type="button" className={controls["primary"]} onClick={() => client.connection.again()}>
            {t("try-now")}
          </button>
          <button type="button" className={controls["plain"]} onClick={() => client.connection.leave()}>
            {t("leave")}
          </button>
        </p>
      </div>
    </div>
  );
}

/** Counts the seconds down. */
function Countdown({ untilMs }: { readonly untilMs: number }) {
  const t = useText("connection");
  const [nowMs, setNowMs] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(performance.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return <>{t("retry-in", { seconds: Math.max(0, Math.ceil((untilMs - nowMs) / 1000)) })}</>;
}
