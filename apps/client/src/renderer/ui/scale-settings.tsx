// How large the desktop's programs draw themselves: part of `settings-panel.tsx`. Kept for every agent alike; asked for by `video/view.ts`.

import { LIMITS } from "@eglantine/protocol/limits";
import { nearestScale } from "@eglantine/protocol/scale";
import { useEffect, useId, useState } from "react";
import type { DesktopScale } from "../../shared/settings.ts";
import type { Client } from "../client.ts";
import type { SessionFacts } from "../connection/connection.ts";
import panel from "./panel.module.css";
import { useStore } from "./use-store.ts";

const STEPS = [1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4];

const percent = (scale: number): string => `${Math.round(scale * 100)} %`;

export function ScaleSettings({ client }: { readonly client: Client }) {
  const { desktopScale } = useStore(client.view);
  const { display, resize } = useStore(client.connection.facts);
  const ratio = useRatio();
  const id = useId();
  const steps = typeof desktopScale === "number" && !STEPS.includes(desktopScale) ? [...STEPS, desktopScale] : STEPS;
  return (
    <div className={panel["field"]}>
      <label htmlFor={id}>Size of things</label>
      <select
        id={id}
        data-testid="setting-scale"
        aria-describedby={`${id}-now`}
        disabled={!resize}
        value={String(desktopScale)}
        onChange={({ target }) => client.changeView({ desktopScale: read(target.value) })}
      >
        <option value="screen">As here: {percent(nearestScale(ratio))}</option>
        {steps
          .toSorted((a, b) => a - b)
          .map((scale) => (
            <option key={scale} value={String(scale)}>
              {percent(scale)}
            </option>
          ))}
        <option value="smaller">Enlarged here</option>
      </select>
      <p
        id={`${id}-now`}
        className={panel["now"]}
        data-testid="now-scale"
        data-differs={differs(display, desktopScale)}
      >
        {now(display, resize)}
      </p>
      {desktopScale === "smaller" && (
        <p className={panel["note"]}>A smaller picture, which takes less of the network.</p>
      )}
    </div>
  );
}

function read(value: string): DesktopScale {
  if (value === "screen" || value === "smaller") return value;
  const scale = Number(value);
  return scale >= LIMITS.scaleMin && scale <= LIMITS.scaleMax ? scale : "screen";
}

function now(display: SessionFacts["display"], resize: boolean): string {
  if (!resize) return "This desktop keeps its size.";
  if (display?.scale === undefined) return "This desktop draws its programs as it likes; the picture can be enlarged.";
  const why = { viewer: "", operator: ": the agent’s operator set it", desktop: ": it is set on the desktop itself" };
  return `Now ${percent(display.scale)}${why[display.scaleBy ?? "viewer"]}`;
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
