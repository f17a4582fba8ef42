// Shown while a first connection is made. A quick one is over before it appears.

import { useEffect, useState } from "react";
import type { Client } from "../client.ts";
import { currentStage, type StageProgress } from "../connection/stages.ts";
import controls from "./controls.module.css";
import { Page } from "./page.tsx";
import { StageList } from "./stage-list.tsx";
import styles from "./page.module.css";

const SHOWN_AFTER_MS = 350;

export function ConnectingPage({ client, stages }: { readonly client: Client; readonly stages: StageProgress }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), SHOWN_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!shown) return null;
  return (
    <Page>
      <h1>Connecting</h1>
      <p className={styles["where"]}>{client.connection.target?.address.pageUrl}</p>
      <StageList stages={stages} />
      <p className={styles["actions"]}>
        <button type="button" className={controls["plain"]} onClick={() => client.connection.reset()}>
          Cancel
        </button>
      </p>
      <p className={styles["spoken"]} role="status">
        {currentStage(stages) ?? "connected"}
      </p>
    </Page>
  );
}
