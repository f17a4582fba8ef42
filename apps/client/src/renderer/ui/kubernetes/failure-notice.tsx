// What went wrong and what to do about it, in the user's language. Used by every file of this folder.

import type { KubernetesFailure } from "../../../shared/kubernetes.ts";
import controls from "../controls.module.css";
import { useText } from "../use-text.ts";
import styles from "./kubernetes.module.css";

export interface FailureNoticeProps {
  readonly failure: KubernetesFailure;
  readonly again?: () => void;
}

export function FailureNotice({ failure: { reason, parameters }, again }: FailureNoticeProps) {
  const t = useText("kubernetes");
  return (
    <div className={styles["failure"]} role="alert" data-reason={reason}>
      <p>{t(`failed.${reason}`, parameters)}</p>
      <p className={styles["remedy"]}>{t(`remedy.${reason}`, parameters)}</p>
      {again !== undefined && (
        <button type="button" className={controls["plain"]} onClick={again}>
          {t("again")}
        </button>
      )}
    </div>
  );
}
