// How large the desktop's programs draw themselves: part of `settings-panel.tsx`. Kept for every agent alike; asked for by `video/view.ts`.

import { LIMITS } from "@eglantine/protocol/limits";
import { nearestScale } from "@eglantine/protocol/scale";
import { useEffect, useId, useState } from "react";
import type { DesktopScale } from "../../shared/settings.ts";
import type { Client } from "../client.ts";
import type { SessionFacts } from "../connection/connection.ts";
import panel from "./panel.module.css";
import { useStore } from "./use-store.ts";
import { useText } from "./use-text.ts";
import type { Text } from "../messages/areas.ts";

const STEPS = [1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4];

/** "125 %", in any language. */
const percent = (scale: number): string => `${Math.round(scale * 100)} %`;

export function ScaleSettings({ client }: { readonly client: Client }) {
  const t = useText("picture");
  const { desktopScale } = useStore(client.view);
  const { display, resize } = useStore(client.connection.facts);
  const connected = useStore(client.connection.state).phase === "connected";
  const ratio = useRatio();
  const id = useId();
  const steps = typeof desktopScale === "number" && !STEPS.includes(desktopScale) ? [...STEPS, desktopScale] : STEPS;
  return (
    <div className={panel["field"]}>
      <label htmlFor={id}>{t("scale")}</label>
      <select
        id={id}
        data-testid="setting-scale"
        aria-describedby={`${id}-now`}
        disabled={connected && !resize}
        value={String(desktopScale)}
        onChange={({ target }) => client.changeView({ desktopScale: read(target.value) })}
      >
        <option value="screen">{t("scale-screen", { percent: percent(nearestScale(ratio)) })}</option>
        {steps
          .toSorted((a, b) => a - b)
          .map((scale) => (
            <option key={scale} value={String(scale)}>
              {percent(scale)}
            </option>
          ))}
        <option value="smaller">{t("scale-smaller")}</option>
      </select>
      <p
        id={`${id}-now`}
        className={panel["now"]}
        data-testid="now-scale"
        data-differs={differs(display, desktopScale)}
      >
        {connected ? now(display, resize, t) : ""}
      </p>
      {desktopScale === "smaller" && <p className={panel["note"]}>{t("scale-smaller-note")}</p>}
    </div>
  );
}

function read(value: string): DesktopScale {
  if (value === "screen" || value === "smaller") return value;
  const scale = Number(value);
  return scale >= LIMITS.scaleMin && scale <= LIMITS.scaleMax ? scale : "screen";
}

function now(display: SessionFacts["display"], resize: boolean, t: Text<"picture">): string {
  if (!resize) return t("scale-kept");
  if (display?.scale === undefined) return t("scale-unknown");
  const scale = percent(display.scale);
  if (display.scaleBy === "operator") return t("scale-operator", { percent: scale });
  return display.scaleBy === "desktop" ? t("scale-desktop", { percent: scale }) : t("now", { value: scale });
}

function differs(display: SessionFacts["display"], choice: DesktopScale): boolean {
  if (choice === "smaller" || display === undefined) return false;
  if (display.scale === undefined) return choice !== "screen";
  return display.scaleBy === "operator" || display.scaleBy === "desktop";
}

/** Of this window's screen, the page's zoom included. */
function useRatio(): number {
  const [ratio, setRatio] = useState(devicePixelRatio);
  useEffect(() => {
    const query = matchMedia(`(resolution: ${ratio}dppx)`);
    const changed = (): void => setRatio(devicePixelRatio);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, [ratio]);
  return ratio;
}
