// The end of what a desktop has written. Part of `desktop-list.tsx`.

import { useCallback, useEffect, useRef, useState } from "react";
import type { Bridge } from "../../../shared/bridge.ts";
import type { KubernetesOutcome, KubernetesTarget } from "../../../shared/kubernetes.ts";
import controls from "../controls.module.css";
import { useText } from "../use-text.ts";
import { FailureNotice } from "./failure-notice.tsx";
import styles from "./kubernetes.module.css";

export interface LogsDialogProps {
  readonly bridge: Bridge;
  readonly target: KubernetesTarget;
  readonly close: () => void;
}

export function LogsDialog({ bridge, target, close }: LogsDialogProps) {
  const t = useText("kubernetes");
  const dialog = useRef<HTMLDialogElement>(null);
  const [logs, setLogs] = useState<KubernetesOutcome<string>>();
  const { context, namespace, name } = target;
  const read = useCallback(
    () => void bridge.readKubernetesLogs({ context, namespace, name }).then(setLogs),
    [bridge, context, namespace, name],
  );
  useEffect(read, [read]);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className={styles["dialog"]} data-wide aria-labelledby="logs-title" onClose={close}>
      <h2 id="logs-title">{t("logs-of", { name })}</h2>
      {logs !== undefined && "failed" in logs && <FailureNotice failure={logs.failed} />}
      {logs !== undefined && "ok" in logs && (
        <pre className={styles["logs"]} tabIndex={0} data-testid="kubernetes-logs" data-scrolls-sideways="">
          {logs.ok === "" ? t("logs-empty") : logs.ok}
        </pre>
      )}
      <div className={styles["actions"]}>
        <button type="button" className={controls["plain"]} onClick={read}>
          {t("again")}
        </button>
        <button type="button" className={controls["primary"]} onClick={close}>
          {t("close")}
        </button>
      </div>
    </dialog>
  );
}
