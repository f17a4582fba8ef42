// The page has died several times within a minute, and the application does not load the desktop by itself any more (`main/windows/crash-budget.ts`).
// From `app.tsx`.

import type { Client } from "../client.ts";
import controls from "./controls.module.css";
import { Page } from "./page.tsx";
import styles from "./page.module.css";
import { useText } from "./use-text.ts";

export function CrashedPage({ client }: { readonly client: Client }) {
  const t = useText("system");
  return (
    <Page testId="crashed-page">
      <div role="alert">
        <h1>{t("crashed")}</h1>
      </div>
      <p className={styles["remedy"]}>{t("crashed-remedy")}</p>
      <p className={styles["actions"]}>
        <button
          type="button"
          data-testid="start-after-crash"
          className={controls["primary"]}
          onClick={() => client.startAfterCrash()}
        >
          {t("crashed-again")}
        </button>
      </p>
    </Page>
  );
}
