// Asks before a container is removed; and a second time, by itself, before its home is. For `container-list.tsx`.

import { useEffect, useId, useRef, useState } from "react";
import type { OwnContainer } from "../../../shared/launcher.ts";
import controls from "../controls.module.css";
import { useText } from "../use-text.ts";
import styles from "./launcher.module.css";

interface RemoveDialogProps {
  readonly container: OwnContainer;
  readonly onRemove: (volume: boolean) => void;
  readonly onClose: () => void;
}

export function RemoveDialog({ container: { name, volume, ownVolume }, onRemove, onClose }: RemoveDialogProps) {
  const t = useText("launcher");
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  const [also, setAlso] = useState(false);
  const [again, setAgain] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const remove = (): void => {
    if (also && !again) return setAgain(true);
    onRemove(also);
    dialog.current?.close();
  };
  return (
    <dialog
      ref={dialog}
      className={styles["dialog"]}
      aria-labelledby={title}
      data-testid="remove-dialog"
      onClose={onClose}
    >
      <h2 id={title}>{again ? t("remove-home-title", { name }) : t("remove-title", { name })}</h2>
      {again ? (
        <p>{t("remove-home-text", { volume })}</p>
      ) : (
        <p>{volume === "" ? t("remove-text-bare") : t("remove-text", { volume })}</p>
      )}
      {ownVolume && !again && (
        <label className={styles["check"]}>
          <input
            type="checkbox"
            data-testid="remove-also"
            checked={also}
            onChange={(event) => setAlso(event.target.checked)}
          />
          {t("remove-also")}
        </label>
      )}
      <div className={styles["actions"]}>
        <button
          type="button"
          className={controls["plain"]}
          data-testid="remove-cancel"
          onClick={() => dialog.current?.close()}
        >
          {t("cancel")}
        </button>
        <button
          type="button"
          className={controls["primary"]}
          data-testid={again ? "remove-home-yes" : "remove-yes"}
          onClick={remove}
        >
          {again ? t("remove-home-yes") : t("remove-yes")}
        </button>
      </div>
    </dialog>
  );
}
