// What went wrong with an engine, an image or a container, and what to do about it: in the user's language. Shown by all of the launcher.

import type { LauncherFailure } from "../../../shared/launcher.ts";
import controls from "../controls.module.css";
import { useText } from "../use-text.ts";
import styles from "./launcher.module.css";

interface FailureNoteProps {
  readonly failure: LauncherFailure;
  readonly onRetry?: () => void;
  readonly testId?: string;
}

export function FailureNote({ failure: { reason, parameters }, onRetry, testId = "failure" }: FailureNoteProps) {
  const t = useText("launcher");
  return (
    <div className={styles["failure"]} role="alert" data-testid={testId} data-reason={reason}>
      <p>
        <strong>{t(`failed.${reason}`, parameters)}</strong> {t(`remedy.${reason}`, parameters)}
      </p>
      {onRetry !== undefined && (
        <button type="button" className={controls["plain"]} onClick={onRetry}>
          {t("try-again")}
        </button>
      )}
    </div>
  );
}
