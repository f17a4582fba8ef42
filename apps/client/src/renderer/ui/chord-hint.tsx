// Which keys give keyboard and pointer back to this computer: shown as long as the desktop has what is this computer's own otherwise. A part of
// `desktop-tools.tsx`; the keys are `input/system-keys.ts`'s, the pointer is `input/pointer-lock.ts`'s.

import type { Client } from "../client.ts";
import { CHORD } from "../input/capture.ts";
import styles from "./chord-hint.module.css";
import { useStore } from "./use-store.ts";
import { useText } from "./use-text.ts";

export function ChordHint({ client }: { readonly client: Client }) {
  const t = useText("system");
  const keys = useStore(client.systemKeys.held);
  const { locked } = useStore(client.view);
  if (!keys && !locked) return null;
  return (
    <p className={styles["hint"]} data-testid="chord-hint" role="status">
      {keys && locked && t("frees-both", { chord: CHORD })}
      {keys && !locked && t("frees-keys", { chord: CHORD })}
      {!keys && locked && t("frees-pointer", { chord: CHORD })}
    </p>
  );
}
