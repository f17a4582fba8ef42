// Shown while a first connection is made. A quick one is over before this appears.

import type { Client } from "../client.ts";
import { currentStage, type StageProgress } from "../connection/stages.ts";
import controls from "./controls.module.css";
import { Page } from "./page.tsx";
import { StageList } from "./stage-list.tsx";
import styles from "./page.module.css";
import { useText } from "./use-text.ts";

export function ConnectingPage({ client, stages }: { readonly client: Client; readonly stages: StageProgress }) {
  const t = useText("connection");
  const current = currentStage(stages);
  return (
    <Page late>
      <h1>{t("connecting")}</h1>
      <p className={styles["where"]}>{client.connection.target?.address.pageUrl}</p>
      <StageList stages={stages} />
      <p className={styles["actions"]}>
        <button type="button" className={controls["plain"]} onClick={() => client.connection.reset()}>
          {t("cancel")}
        </button>
      </p>
      <p className={controls["spoken"]} role="status">
        {current === undefined ? t("connected") : t(`stage.${current}`)}
      </p>
    </Page>
  );
}
