// The keyboard as a panel: whether keys go as characters or as places and why, and the keys that browsers keep for themselves. Opened from
// the toolbar. Next: `input/keyboard-mode.ts`, `input/combinations.ts`.

import type { Client } from "../client.ts";
import { COMBINATIONS, type Combination, FUNCTION_KEYS } from "../input/combinations.ts";
import styles from "./panel.module.css";
import { Setting } from "./settings/setting.tsx";
import { Panel } from "./panel.tsx";
import { useStore } from "./use-store.ts";
import { useText } from "./use-text.ts";

export function KeyboardPanel({ client }: { readonly client: Client }) {
  const t = useText("hands");
  const tools = useText("tools");
  const { mode, why } = useStore(client.hands.keyboard);
  const { keyRow } = useStore(client.view);

  return (
    <Panel client={client} title={t("keyboard")} testId="keyboard-panel" focus="input:checked">
      <Setting client={client} name="keyboard" />
      <p className={styles["note"]} role="status" data-testid="keyboard-now">
        {t(`keyboard-now.${mode}`, { why: t(`keyboard-why.${why}`) })}
      </p>
      <label className={styles["check"]}>
        <input
          type="checkbox"
          data-testid="toggle-key-row"
          checked={keyRow}
          onChange={() => client.preferences.change(() => ({ keyRow: keyRow ? "off" : "on" }))}
        />
        <span>{t("key-row")}</span>
      </label>
      <Keys client={client} legend={t("kept-keys")} combinations={COMBINATIONS} />
      <Keys client={client} legend={tools("function-keys")} combinations={FUNCTION_KEYS} />
    </Panel>
  );
}

interface KeysProps {
  readonly client: Client;
  readonly legend: string;
  readonly combinations: readonly Combination[];
}

function Keys({ client, legend, combinations }: KeysProps) {
  return (
    <fieldset className={styles["keys"]}>
      <legend>{legend}</legend>
      {combinations.map(({ label, keys }) => (
        <button
          key={label}
          type="button"
          data-testid={`send-${label}`}
          onClick={() => client.hands.capture.press(keys)}
        >
          {label}
        </button>
      ))}
    </fieldset>
  );
}
