// Changes what a saved desktop is called and who signs in, and forgets its password. A dialog of `desktops-place.tsx`.

import { type FormEvent, useEffect, useRef, useState } from "react";
import type { Bridge } from "../../../shared/bridge.ts";
import type { PasswordPlace, SavedDesktop } from "../../../shared/desktops.ts";
import controls from "../controls.module.css";
import { useText } from "../use-text.ts";
import styles from "./form.module.css";

interface EditDialogProps {
  readonly bridge: Bridge;
  readonly desktop: SavedDesktop;
  /** It was saved, or not. */
  readonly onClose: () => void;
}

export function EditDialog({ bridge, desktop, onClose }: EditDialogProps) {
  const t = useText("home");
  const { id, target } = desktop;
  const dialog = useRef<HTMLDialogElement>(null);
  const [name, setName] = useState(desktop.name);
  const [user, setUser] = useState(desktop.user);
  const [password, setPassword] = useState<PasswordPlace>();
  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => void bridge.whereIsPassword(id).then(setPassword), [bridge, id]);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (name.trim() === "") return;
    await bridge.saveDesktop({ id, name: name.trim(), user: user.trim(), target });
    dialog.current?.close();
  };
  const forget = async (): Promise<void> => {
    await bridge.forgetPassword(id);
    setPassword(undefined);
  };
  return (
    <dialog
      ref={dialog}
      className={styles["dialog"]}
      aria-labelledby="edit-title"
      data-testid="edit-dialog"
      onClose={onClose}
    >
      <h2 id="edit-title">{t("edit-title")}</h2>
      <form className={styles["form"]} onSubmit={(event) => void submit(event)}>
        <label className={controls["field"]}>
          <span>{t("name")}</span>
          <input
            data-testid="edit-name"
            value={name}
            maxLength={128}
            required
            onChange={(event) => setName(event.target.value)}
            autoComplete="off"
          />
        </label>
        <label className={controls["field"]}>
          <span>{t("user")}</span>
          <input
            data-testid="edit-user"
            value={user}
            maxLength={256}
            onChange={(event) => setUser(event.target.value)}
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
          />
        </label>
        <p className={styles["note"]} data-testid="edit-password">
          {password === undefined
            ? t("password-asked")
            : t(password === "keychain" ? "password-in-keychain" : "password-in-memory")}
        </p>
        <div className={styles["actions"]}>
          <button type="submit" className={controls["primary"]} data-testid="edit-save">
            {t("save")}
          </button>
          <button type="button" className={controls["plain"]} onClick={() => dialog.current?.close()}>
            {t("cancel")}
          </button>
          {password !== undefined && (
            <button type="button" className={controls["plain"]} data-testid="edit-forget" onClick={() => void forget()}>
              {t("forget-password")}
            </button>
          )}
        </div>
      </form>
    </dialog>
  );
}
