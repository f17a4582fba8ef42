// How the desktop gets a GPU: each way with what was found of it, what is missing and the command that mends that. For `launch-form.tsx`.

import type { GpuWay } from "../../../shared/launch-form.ts";
import type { GpuVerdict } from "../../../shared/launcher.ts";
import controls from "../controls.module.css";
import { useText } from "../use-text.ts";
import { CopyText } from "./copy-text.tsx";
import styles from "./launcher.module.css";

interface GpuChoiceProps {
  readonly verdicts: readonly GpuVerdict[];
  readonly way: GpuWay;
  readonly device: string;
  readonly onChoose: (way: GpuWay, device: string) => void;
}

export function GpuChoice({ verdicts, way, device, onChoose }: GpuChoiceProps) {
  const t = useText("launcher");
  const chosen = verdicts.find((verdict) => verdict.way === way);
  const several = (way === "nvidia" || way === "cdi") && (chosen?.devices.length ?? 0) > 1;
  return (
    <fieldset className={styles["gpu"]}>
      <legend>{t("gpu")}</legend>
      <ul>
        {verdicts.map(({ way: one, state, gap, command }) => (
          <li key={one} data-state={state} data-testid={`gpu-${one}`}>
            <label>
              <input
                type="radio"
                name="gpu"
                checked={way === one}
                // What is not there can't be had; what can't be seen may be.
                disabled={state === "absent"}
                onChange={() => onChoose(one, "all")}
              />
              <span>{t(`gpu.${one}`)}</span>
              <em>{t(`gpu-state.${state}`)}</em>
            </label>
            {(gap !== undefined || one === "none") && <p>{gap === undefined ? t("gpu-none-note") : t(`gap.${gap}`)}</p>}
            {command !== undefined && <CopyText label={t("mend")} text={command} testId={`mend-${one}`} />}
          </li>
        ))}
      </ul>
      {several && (
        <label className={controls["field"]}>
          <span>{t("gpu-device")}</span>
          <select
            className={styles["select"]}
            data-testid="gpu-device"
            value={device}
            onChange={(event) => onChoose(way, event.target.value)}
          >
            <option value="all">{t("gpu-device-all")}</option>
            {chosen?.devices.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
    </fieldset>
  );
}
