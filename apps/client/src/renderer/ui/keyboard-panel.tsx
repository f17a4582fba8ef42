// The keyboard as a panel: whether keys go as characters or as places and why, and the keys that browsers keep for themselves. Opened from
// the toolbar. Next: `input/keyboard-mode.ts`, `input/combinations.ts`.

import type { Settings } from "../../shared/settings.ts";
import type { Client } from "../client.ts";
import { COMBINATIONS, type Combination, FUNCTION_KEYS } from "../input/combinations.ts";
import styles from "./panel.module.css";
import { Panel } from "./panel.tsx";
import { useStore } from "./use-store.ts";

const MODES: readonly { readonly value: Settings["keyboard"]; readonly label: string; readonly note: string }[] = [
  { value: "auto", label: "By itself", note: "Characters, but places while a program grabs pointer or keyboard" },
  { value: "text", label: "Characters", note: "What this keyboard’s layout makes, whatever the desktop’s is" },
  { value: "physical", label: "Places", note: "The desktop’s own layout says what a key means; for games" },
];

export function KeyboardPanel({ client }: { readonly client: Client }) {
  const { keyboard } = useStore(client.preferences.store);
  const { mode, why } = useStore(client.hands.keyboard);
  const { keyRow } = useStore(client.view);

  return (
    <Panel client={client} title="Keyboard" testId="keyboard-panel" focus="input:checked">
      <fieldset className={styles["choices"]}>
        <legend>Keys go to the desktop as</legend>
        {MODES.map(({ value, label, note }) => (
          <label key={value}>
            <input
              type="radio"
              name="keyboard"
              value={value}
              data-testid={`keyboard-${value}`}
              checked={keyboard === value}
              onChange={() => client.preferences.change(() => ({ keyboard: value }))}
            />
            <span>{label}</span>
            <span className={styles["note"]}>{note}</span>
          </label>
        ))}
      </fieldset>
      <p className={styles["note"]} role="status" data-testid="keyboard-now">
        Now {mode === "text" ? "characters" : "places"}: {why}.
      </p>
      <label className={styles["check"]}>
        <input
          type="checkbox"
          data-testid="toggle-key-row"
          checked={keyRow}
          onChange={() => client.preferences.change(() => ({ keyRow: keyRow ? "off" : "on" }))}
        />
        <span>Row of keys below the desktop</span>
      </label>
      <Keys client={client} legend="Send what this computer keeps for itself" combinations={COMBINATIONS} />
      <Keys client={client} legend="Function keys" combinations={FUNCTION_KEYS} />
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
