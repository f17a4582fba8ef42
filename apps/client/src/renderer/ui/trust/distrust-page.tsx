// Why nothing was sent to the server that the user named: the user, or nobody, trusts it. From `../app.tsx`, in the desktop application alone.

import { useEffect, useRef } from "react";
import type { Failed } from "../../../shared/bridge-call.ts";
import type { TrustReason } from "../../../shared/trust.ts";
import type { Client } from "../../client.ts";
import controls from "../controls.module.css";
import { NoWay } from "../home/no-way.tsx";
import { Page } from "../page.tsx";
import styles from "../page.module.css";
import { useText } from "../use-text.ts";

interface DistrustPageProps {
  readonly client: Client;
  readonly distrust: Failed<TrustReason>;
}

export function DistrustPage({ client, distrust }: DistrustPageProps) {
  const t = useText("connection");
  const again = useRef<HTMLButtonElement>(null);
  useEffect(() => again.current?.focus(), []);
  return (
    <Page testId="distrust-page">
      <NoWay failed={{ area: "trust", ...distrust }} />
      <p className={styles["actions"]}>
        <button
          ref={again}
          type="button"
          data-testid="connect-again"
          className={controls["primary"]}
          onClick={() => client.again()}
        >
          {t("try-again")}
        </button>
        {!client.monitors.further && (
          <button
            type="button"
            data-testid="another-desktop"
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
