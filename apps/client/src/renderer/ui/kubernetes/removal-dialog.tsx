// Asks before a desktop is removed; and once more, by itself, before its home is. Part of `desktop-list.tsx`.

import { useEffect, useRef, useState } from "react";
import type { KubernetesDesktop } from "../../../shared/kubernetes.ts";
import controls from "../controls.module.css";
import { useText } from "../use-text.ts";
import styles from "./kubernetes.module.css";

export interface RemovalDialogProps {
  readonly desktop: KubernetesDesktop;
  readonly close: () => void;
  readonly remove: (home: boolean) => void;
}

export function RemovalDialog({ desktop: { name, stage, home }, close, remove }: RemovalDialogProps) {
  const t = useText("kubernetes");
  const dialog = useRef<HTMLDialogElement>(null);
  const isHomeAlone = stage === "home-kept";
  const [withHome, setWithHome] = useState(isHomeAlone);
  const [isSecond, setSecond] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const go = () => {
    if (withHome && !isSecond) return setSecond(true);
    remove(withHome);
    close();
  };
  return (
    <dialog ref={dialog} className={styles["dialog"]} aria-labelledby="removal-title" onClose={close}>
      <h2 id="removal-title">{isSecond ? t("sure-title", { name }) : t("remove-title", { name })}</h2>
      {isSecond || isHomeAlone ? <p>{t("sure-text")}</p> : <p>{t("remove-text")}</p>}
      {!isSecond && !isHomeAlone && home !== "" && (
        <label className={styles["check"]}>
          <input
            type="checkbox"
            checked={withHome}
            onChange={(event) => setWithHome(event.target.checked)}
            data-testid="with-home"
          />
          <span>
            {t("remove-with-home")} ({home})
          </span>
        </label>
      )}
      <div className={styles["actions"]}>
        <button type="button" className={controls["plain"]} onClick={close}>
          {t("cancel")}
        </button>
        <button
          type="button"
          key={String(isSecond)}
          className={controls["primary"]}
          onClick={go}
          data-testid={isSecond ? "remove-for-good" : "remove-now"}
        >
          {isSecond ? t("sure-now") : t("remove-now")}
        </button>
      </div>
    </dialog>
  );
}
