// The container of the form as a command line and as a Compose file, asked of the shell while it is looked at. For `launch-form.tsx`.

import { useEffect, useState } from "react";
import type { Bridge } from "../../../shared/bridge.ts";
import type { LaunchForm } from "../../../shared/launch-form.ts";
import { useText } from "../use-text.ts";
import { CopyText } from "./copy-text.tsx";
import styles from "./launcher.module.css";

interface LaunchLinesProps {
  readonly bridge: Bridge;
  /** Undefined: a field is wrong. */
  readonly form: LaunchForm | undefined;
}

export function LaunchLines({ bridge, form }: LaunchLinesProps) {
  const t = useText("launcher");
  const [open, setOpen] = useState(false);
  const [lines, setLines] = useState<{ readonly line: string; readonly compose: string }>();
  // The form is another object each time.
  const text = form === undefined ? undefined : JSON.stringify(form);
  useEffect(() => {
    if (!open || text === undefined) return undefined;
    let isOver = false;
    const ask = async (): Promise<void> => {
      const answer = await bridge.writeLaunch(JSON.parse(text) as LaunchForm);
      if (!isOver && "ok" in answer) setLines(answer.ok);
    };
    void ask();
    return () => {
      isOver = true;
    };
  }, [bridge, open, text]);
  return (
    <details
      className={styles["more"]}
      data-testid="launch-lines"
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>{t("lines")}</summary>
      {lines !== undefined && (
        <div className={styles["fields"]}>
          <CopyText label={t("line")} text={lines.line} testId="launch-line" />
          <CopyText label={t("compose")} text={lines.compose} testId="launch-compose" />
          <p className={styles["note"]}>{t("line-note", { name: "BASIC_AUTH_PASSWORD" })}</p>
        </div>
      )}
    </details>
  );
}
