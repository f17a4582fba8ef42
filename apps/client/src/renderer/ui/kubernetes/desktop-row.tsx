// One desktop: how far it is, what is in its way, what can be done with it. Part of `desktop-list.tsx`.

import type { KubernetesDesktop } from "../../../shared/kubernetes.ts";
import controls from "../controls.module.css";
import { useText } from "../use-text.ts";
import { FailureNotice } from "./failure-notice.tsx";
import styles from "./kubernetes.module.css";

export interface DesktopRowProps {
  readonly desktop: KubernetesDesktop;
  readonly open: () => void;
  readonly start: () => void;
  readonly stop: () => void;
  readonly logs: () => void;
  readonly remove: () => void;
}

export function DesktopRow({ desktop, open, start, stop, logs, remove }: DesktopRowProps) {
  const t = useText("kubernetes");
  const { name, stage, problems, node, gpu, image, home, idleMinutes, address } = desktop;
  const facts = [
    node === "" ? "" : t("on-node", { node }),
    gpu,
    image,
    home === "" ? "" : t("home-size", { size: home }),
    address,
    idleMinutes === 0 ? "" : t("idle-after", { minutes: idleMinutes }),
  ].filter((fact) => fact !== "");
  const isGone = stage === "home-kept";
  const canStop = !isGone && stage !== "stopped" && stage !== "stopping";
  const button = (action: string, press: () => void, look = "plain") => (
    <button type="button" className={controls[look]} onClick={press} aria-label={t("of", { action, name })}>
      {action}
    </button>
  );
  return (
    <li className={styles["card"]} data-testid={`desktop-${name}`} data-stage={stage}>
      <div className={styles["head"]}>
        <h2>{name}</h2>
        <p className={styles["stage"]} data-stage={stage} role="status">
          {t(`step.${stage}`)}
        </p>
      </div>
      <p className={styles["facts"]}>
        {facts.map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
      </p>
      {problems.map((problem) => (
        <FailureNotice key={JSON.stringify(problem)} failure={problem} />
      ))}
      <div className={styles["actions"]}>
        {!isGone && button(t("open"), open, "primary")}
        {stage === "stopped" && button(t("start"), start)}
        {canStop && button(t("stop"), stop)}
        {canStop && button(t("logs"), logs)}
        {button(isGone ? t("remove-home") : t("remove"), remove)}
      </div>
    </li>
  );
}
