// Keys that touch devices lack, in a row below the desktop, which makes room for it. Modifiers stay down until the next key has gone. Shown
// where fingers point, or by the keyboard's panel. Next: `input/capture.ts`, `input/latches.ts`.

import { type ReactNode, useEffect, useState } from "react";
import type { Client } from "../client.ts";
import { FUNCTION_KEYS, type MenuKey } from "../input/combinations.ts";
import styles from "./key-row.module.css";
import { useStore } from "./use-store.ts";
import { useText } from "./use-text.ts";

const named = (name: string): MenuKey => ({ code: name, key: name });

const MODIFIERS = [
  { label: "Ctrl", key: { code: "ControlLeft", key: "Control" } },
  { label: "Alt", key: { code: "AltLeft", key: "Alt" } },
] as const;
/** After the arrows: what is left of a narrow row is reached by a swipe. */
const MORE_MODIFIERS = [
  { label: "Shift", key: { code: "ShiftLeft", key: "Shift" } },
  { label: "Super", key: { code: "MetaLeft", key: "Meta" } },
] as const;
const ARROWS = [
  { label: "Left", key: named("ArrowLeft"), path: "M10 3L5 8l5 5" },
  { label: "Up", key: named("ArrowUp"), path: "M3 10l5-5 5 5" },
  { label: "Down", key: named("ArrowDown"), path: "M3 6l5 5 5-5" },
  { label: "Right", key: named("ArrowRight"), path: "M6 3l5 5-5 5" },
] as const;

export function KeyRow({ client }: { readonly client: Client }) {
  const t = useText("tools");
  const own = useStore(client.hands.capture.ownKeyboard);
  const [functionKeys, setFunctionKeys] = useState(false);
  const coveredPx = useCovered();
  const tap = (key: MenuKey) => () => client.hands.capture.tap(key);

  return (
    <div
      role="toolbar"
      aria-label={t("keys")}
      data-testid="key-row"
      data-scrolls-sideways=""
      className={styles["row"]}
      style={coveredPx === 0 ? undefined : { bottom: coveredPx }}
      // The focus stays where the keys go, and with it the device's own keyboard.
      onPointerDown={(event) => event.preventDefault()}
      onMouseDown={(event) => event.preventDefault()}
    >
      <Key
        label={t("own-keyboard")}
        pressed={own}
        testId="own-keyboard"
        onClick={() => client.hands.capture.toggleOwnKeyboard()}
      >
        <Icon path="M1.5 4h13v8h-13zM4 6.5v.1M6.5 6.5v.1M9 6.5v.1M11.7 6.5v.1M5 9.7h6" />
      </Key>
      <Key label="Esc" testId="key-Escape" onClick={tap(named("Escape"))}>
        Esc
      </Key>
      <Key label="Tab" onClick={tap(named("Tab"))}>
        Tab
      </Key>
      <Modifiers client={client} keys={MODIFIERS} />
      {ARROWS.map(({ label, key, path }) => (
        <Key key={label} testId={`key-${label}`} label={t(`key.${label}`)} onClick={tap(key)}>
          <Icon path={path} />
        </Key>
      ))}
      <Modifiers client={client} keys={MORE_MODIFIERS} />
      <Key
        testId="key-Function keys"
        // What stands on it is part of its name: whoever speaks to the computer says what is to be seen.
        label={`F… ${t("function-keys")}`}
        pressed={functionKeys}
        onClick={() => setFunctionKeys(!functionKeys)}
      >
        F…
      </Key>
      {functionKeys &&
        FUNCTION_KEYS.flatMap(({ label, keys }) =>
          keys.map((key) => (
            <Key key={label} label={label} onClick={tap(key)}>
              {label}
            </Key>
          )),
        )}
    </div>
  );
}

interface ModifiersProps {
  readonly client: Client;
  readonly keys: readonly { readonly label: string; readonly key: MenuKey }[];
}

function Modifiers({ client, keys }: ModifiersProps) {
  const held = useStore(client.hands.capture.latches.held);
  return keys.map(({ label, key }) => (
    <Key
      key={label}
      label={label}
      pressed={held.has(key.code)}
      onClick={() => client.hands.capture.latches.toggle(key)}
    >
      {label}
    </Key>
  ));
}

interface KeyProps {
  readonly label: string;
  readonly testId?: string;
  readonly pressed?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

function Key({ label, testId, pressed, onClick, children }: KeyProps) {
  return (
    <button
      type="button"
      tabIndex={-1}
      aria-label={label}
      aria-pressed={pressed}
      data-testid={testId ?? `key-${label}`}
      onClick={onClick}
    >
      {children}
    </button>
  );
}

function Icon({ path }: { readonly path: string }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}

/** How much of the page's lower edge the device's own keyboard covers, CSS pixels. */
function useCovered(): number {
  const [coveredPx, setCovered] = useState(0);
  useEffect(() => {
    const view = window.visualViewport;
    if (view === null) return;
    const measure = (): void => setCovered(Math.max(0, Math.round(window.innerHeight - view.height - view.offsetTop)));
    measure();
    view.addEventListener("resize", measure);
    view.addEventListener("scroll", measure);
    return () => {
      view.removeEventListener("resize", measure);
      view.removeEventListener("scroll", measure);
    };
  }, []);
  return coveredPx;
}
