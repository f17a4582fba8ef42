// Shown while a first connection is made. A quick one is over before this appears.

import type { Client } from "../client.ts";
import { currentStage, type StageProgress } from "../connection/stages.ts";
import controls from "./controls.module.css";
import { Page } from "./page.tsx";
import { StageList } from "./stage-list.tsx";
import styles from "./page.module.css";

export function ConnectingPage({ client, stages }: { readonly client: Client; readonly stages: StageProgress }) {
  return (
    <Page late>
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
