// What the gamepads of this computer do, as the browser tells it: each axis, each button, and their motors on request. Looks with the display, as long as it
// is shown and something is plugged in. A part of the settings; what the desktop gets of them is `gamepads-panel.tsx`'s.

import { useEffect, useState } from "react";
import controls from "../controls.module.css";
import panel from "../panel.module.css";
import { useFormats, useText } from "../use-text.ts";
import styles from "./settings.module.css";

const RUMBLE = { startDelay: 0, duration: 400, strongMagnitude: 1, weakMagnitude: 1 } as const;

interface PadShown {
  readonly place: number;
  readonly name: string;
  readonly axes: readonly number[];
  readonly buttons: readonly number[];
  readonly rumble: boolean;
}

export function GamepadTest() {
  const t = useText("settings");
  const hands = useText("hands");
  const pads = usePads();
  if (pads === undefined) return <p className={panel["note"]}>{hands("https-only")}</p>;
  if (pads.length === 0) return <p className={panel["note"]}>{hands("press-button")}</p>;
  return (
    <ul className={styles["pads"]}>
      {pads.map((pad) => (
        <Pad key={pad.place} pad={pad} />
      ))}
      <li className={panel["note"]}>{t("pads-note")}</li>
    </ul>
  );
}

function Pad({ pad: { place, name, axes, buttons, rumble } }: { readonly pad: PadShown }) {
  const t = useText("settings");
  const { number } = useFormats();
  return (
    <li data-testid="pad-test">
      <h3>{name}</h3>
      <dl>
        {axes.map((value, index) => (
          <div key={index}>
            <dt>{t("pad-axis", { number: index + 1 })}</dt>
            <dd data-testid="pad-axis">
              <meter aria-label={t("pad-axis", { number: index + 1 })} min={-1} max={1} value={value} />
              <span>{number(value, 2)}</span>
            </dd>
          </div>
        ))}
      </dl>
      <ol aria-label={t("pad-buttons")}>
        {buttons.map((value, index) => (
          <li key={index} data-testid="pad-button" data-pressed={value > 0}>
            {value > 0 && value < 1 ? `${number(index + 1)}: ${number(value, 2)}` : number(index + 1)}
          </li>
        ))}
      </ol>
      <button
        type="button"
        className={controls["plain"]}
        data-testid="pad-rumble"
        disabled={!rumble}
        onClick={() => void shake(place)}
      >
        {rumble ? t("pad-rumble") : t("pad-still")}
      </button>
    </li>
  );
}

async function shake(place: number): Promise<void> {
  try {
    await navigator.getGamepads()[place]?.vibrationActuator?.playEffect("dual-rumble", RUMBLE);
  } catch (error) {
    // It was unplugged meanwhile.
    console.debug("rumble", error);
  }
}

/** Undefined: this browser gives this page none. */
function usePads(): readonly PadShown[] | undefined {
  const [pads, setPads] = useState(look);
  useEffect(() => {
    if (look() === undefined) return;
    let frame = 0;
    let shown = "";
    const watch = (): void => {
      const now = look() ?? [];
      const text = JSON.stringify(now);
      if (text !== shown) setPads(now);
      shown = text;
      if (now.length > 0) frame = requestAnimationFrame(watch);
    };
    const plugged = (): void => {
      cancelAnimationFrame(frame);
      watch();
    };
    for (const type of PLUGS) window.addEventListener(type, plugged);
    watch();
    return () => {
      cancelAnimationFrame(frame);
      for (const type of PLUGS) window.removeEventListener(type, plugged);
    };
  }, []);
  return pads;
}

const PLUGS = ["gamepadconnected", "gamepaddisconnected"] as const;

function look(): readonly PadShown[] | undefined {
  if (!("getGamepads" in navigator)) return undefined;
  return navigator.getGamepads().flatMap((pad) =>
    pad === null
      ? []
      : [
          {
            place: pad.index,
            name: pad.id,
            axes: pad.axes,
            buttons: pad.buttons.map(({ value }) => value),
            rumble: pad.vibrationActuator !== null && pad.vibrationActuator !== undefined,
          },
        ],
  );
}
