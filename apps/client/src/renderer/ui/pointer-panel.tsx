// Pointer, fingers and pens as a panel: what a finger is, whether the pointer is locked by itself, how a pen reaches programs. Opened from
// the toolbar. Next: `input/touch.ts`, `input/pointer-lock.ts`, `input/pen.ts`.

import type { Settings } from "../../shared/settings.ts";
import type { Client } from "../client.ts";
import styles from "./panel.module.css";
import { Panel } from "./panel.tsx";
import { useStore } from "./use-store.ts";

const TOUCH: readonly { readonly value: Settings["touch"]; readonly label: string; readonly note: string }[] = [
  { value: "pointer", label: "The pointer", note: "A tap clicks where it is; a long press is a right click" },
  { value: "trackpad", label: "On a touchpad", note: "It moves the pointer; a tap clicks, a tap and then a move drag" },
];

export function PointerPanel({ client }: { readonly client: Client }) {
  const { touch, autoLock } = useStore(client.preferences.store);
  const { pen } = useStore(client.connection.facts);

  return (
    <Panel client={client} title="Pointer, touch and pen" testId="pointer-panel" focus="input:checked">
      <fieldset className={styles["choices"]}>
        <legend>A finger on the desktop is</legend>
        {TOUCH.map(({ value, label, note }) => (
          <label key={value}>
            <input
              type="radio"
              name="touch"
              value={value}
              data-testid={`touch-${value}`}
              checked={touch === value}
              onChange={() => client.preferences.change(() => ({ touch: value }))}
            />
            <span>{label}</span>
            <span className={styles["note"]}>{note}</span>
          </label>
        ))}
      </fieldset>
      <p className={styles["note"]}>
        Two fingers scroll, tapped they are a right click, pinched Ctrl and the wheel. Three tapped are a middle click.
      </p>
      <label className={styles["check"]}>
        <input
          type="checkbox"
          data-testid="toggle-auto-lock"
          checked={autoLock}
          onChange={() => client.preferences.change(() => ({ autoLock: !autoLock }))}
        />
        <span>Lock the pointer by itself for games</span>
      </label>
      <p className={styles["note"]} data-testid="pen-now">
        {pen === undefined
          ? "A pen is a mouse to this desktop."
          : `${pen.pressure ? "A pen has its pressure and tilt here" : "A pen is a mouse to this desktop"}: ${pen.why}.`}
      </p>
    </Panel>
  );
}
