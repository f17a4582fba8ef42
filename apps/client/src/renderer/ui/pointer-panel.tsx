// Pointer, fingers and pens as a panel: what a finger is, whether the pointer is locked by itself, how a pen reaches programs. Opened from
// the toolbar. Next: `input/touch.ts`, `input/pointer-lock.ts`, `input/pen.ts`.

import type { Client } from "../client.ts";
import styles from "./panel.module.css";
import { Setting } from "./settings/setting.tsx";
import { Panel } from "./panel.tsx";
import { useStore } from "./use-store.ts";
import { useText } from "./use-text.ts";

export function PointerPanel({ client }: { readonly client: Client }) {
  const t = useText("hands");
  const { pen } = useStore(client.connection.facts);

  return (
    <Panel client={client} title={t("pointer")} testId="pointer-panel" focus="input:checked">
      <Setting client={client} name="touch" />
      <p className={styles["note"]}>{t("gestures")}</p>
      <Setting client={client} name="autoLock" />
      <p className={styles["note"]} data-testid="pen-now">
        {pen === undefined ? t("pen-mouse") : t(pen.pressure ? "pen-pressure" : "pen-mouse-why", { why: pen.why })}
      </p>
    </Panel>
  );
}
