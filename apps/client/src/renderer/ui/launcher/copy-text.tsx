// A command or a file to be copied, whole and as it is. For `gpu-choice.tsx` and `launch-lines.tsx`.

import { useState } from "react";
import controls from "../controls.module.css";
import { useText } from "../use-text.ts";
import styles from "./launcher.module.css";

interface CopyTextProps {
  readonly label: string;
  readonly text: string;
  readonly testId: string;
}

export function CopyText({ label, text, testId }: CopyTextProps) {
  const t = useText("launcher");
  const [copied, setCopied] = useState<string>();
  return (
    <div className={styles["copy"]}>
      <p>
        <span>{label}</span>
        <button
          type="button"
          className={controls["plain"]}
          data-testid={`${testId}-copy`}
          aria-label={`${t("copy")}: ${label}`}
          onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(text))}
        >
          {copied === text ? t("copied") : t("copy")}
        </button>
      </p>
      <pre data-testid={testId}>{text}</pre>
    </div>
  );
}
