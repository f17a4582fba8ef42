// How far a launch is: its stages, layers and bytes; why it failed, and what the container said last. For `launch-place.tsx`.

import type { Bridge } from "../../../shared/bridge.ts";
import type { LaunchState } from "../../../shared/launcher.ts";
import controls from "../controls.module.css";
import { useFormats, useText } from "../use-text.ts";
import { FailureNote } from "./failure-note.tsx";
import styles from "./launcher.module.css";

interface LaunchProgressProps {
  readonly bridge: Bridge;
  readonly state: LaunchState;
  readonly onClose: () => void;
}

export function LaunchProgress({ bridge, state, onClose }: LaunchProgressProps) {
  const t = useText("launcher");
  const { stage, name, image, failure, log, desktop } = state;
  const title =
    stage === "failed"
      ? t("launch-failed", { name })
      : stage === "done"
        ? t("stage.done", { name })
        : t("launching", { name });
  return (
    <section className={styles["card"]} aria-label={title} data-testid="launch-progress" data-stage={stage}>
      <h2>{title}</h2>
      {failure !== undefined && <FailureNote failure={failure} testId="launch-failed" />}
      {log !== undefined && (
        <>
          <h3>{t("last-words")}</h3>
          <pre className={styles["log"]} data-testid="launch-log" tabIndex={0}>
            {log}
          </pre>
        </>
      )}
      {stage !== "failed" && stage !== "done" && (
        <p role="status">{stage === "pull" ? t("stage.pull", { image }) : t(`stage.${stage}`)}</p>
      )}
      {stage === "pull" && state.layers.length > 0 && <Layers state={state} />}
      <div className={styles["actions"]}>
        {stage === "done" && desktop !== undefined && desktop !== "" && (
          <a className={styles["button"]} href={`?desktop=${desktop}`} data-testid="launch-connect">
            {t("connect")}
          </a>
        )}
        {stage === "failed" || stage === "done" ? (
          <button type="button" className={controls["plain"]} data-testid="launch-close" onClick={onClose}>
            {t("close")}
          </button>
        ) : (
          <button
            type="button"
            className={controls["plain"]}
            data-testid="launch-cancel"
            onClick={() => void bridge.cancelLaunch()}
          >
            {t("cancel")}
          </button>
        )}
      </div>
    </section>
  );
}

function Layers({ state: { layers } }: { readonly state: LaunchState }) {
  const t = useText("launcher");
  const formats = useFormats();
  const sum = (of: "currentBytes" | "totalBytes") => layers.reduce((all, layer) => all + layer[of], 0);
  const [done, total] = [sum("currentBytes"), sum("totalBytes")];
  const ready = layers.filter(({ state }) => state === "done").length;
  const text = [
    ...(total > 0 ? [t("bytes-of", { done: formats.bytes(done), total: formats.bytes(total) })] : []),
    t("layers-of", { done: formats.number(ready), all: formats.number(layers.length) }),
  ].join(" · ");
  return (
    <>
      <progress
        className={styles["bar"]}
        value={done}
        max={Math.max(total, 1)}
        aria-label={text}
        data-testid="pull-progress"
      />
      <p className={styles["note"]} data-testid="pull-bytes">
        {text}
      </p>
      <ul className={styles["layers"]} data-testid="pull-layers">
        {layers.map(({ id, state, currentBytes, totalBytes }) => (
          <li key={id} data-state={state}>
            <code>{id}</code>
            <span>{t(`layer.${state}`)}</span>
            <span>
              {totalBytes > 0 && t("bytes-of", { done: formats.bytes(currentBytes), total: formats.bytes(totalBytes) })}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
