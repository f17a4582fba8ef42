// Asks for the password of a saved desktop, and whether it is to be kept: in the system's keychain, or, where there is none, in memory until the application
// ends. From `shell-pages.tsx`; goes to `../../saved-desktop.ts`.

import { type FormEvent, useEffect, useState } from "react";
import type { Bridge } from "../../../shared/bridge.ts";
import type { OpenedDesktop, PasswordPlace } from "../../../shared/desktops.ts";
import type { Client } from "../../client.ts";
import { describeFailure, type Failure } from "../../connection/failure.ts";
import type { SavedDesktopPage } from "../../saved-desktop.ts";
import controls from "../controls.module.css";
import { Page } from "../page.tsx";
import pageStyles from "../page.module.css";
import { useSay, useText } from "../use-text.ts";
import styles from "./form.module.css";

interface PasswordPageProps {
  readonly bridge: Bridge;
  readonly client: Client;
  readonly saved: SavedDesktopPage;
  readonly desktop: OpenedDesktop;
  readonly failure: Failure;
}

const DEFAULT_USER = "user";

export function PasswordPage({ bridge, client, saved, desktop, failure }: PasswordPageProps) {
  const t = useText("home");
  const say = useSay();
  const [user, setUser] = useState(client.connection.target?.credentials.user || desktop.user || DEFAULT_USER);
  const [password, setPassword] = useState("");
  const [place, setPlace] = useState<PasswordPlace>();
  const [keep, setKeep] = useState(false);
  useEffect(() => void bridge.passwordPlace().then(setPlace), [bridge]);
  const { sentence, remedy } = describeFailure(failure);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    saved.signIn(user, password, keep);
  };
  return (
    <Page testId="password-page">
      <h1>{desktop.name}</h1>
      <p
        role="alert"
        data-testid="password-message"
        className={pageStyles[failure.reason === "auth-required" ? "ask" : "problem"]}
      >
        <strong>{say(sentence)}</strong> {say(remedy)}
      </p>
      <form data-testid="password-form" className={pageStyles["form"]} onSubmit={submit}>
        <div className={pageStyles["pair"]}>
          <label className={controls["field"]}>
            <span>{t("user")}</span>
            <input
              data-testid="password-user"
              value={user}
              onChange={(event) => setUser(event.target.value)}
              autoCapitalize="none"
              autoComplete="off"
              spellCheck={false}
            />
          </label>
          <label className={controls["field"]}>
            <span>{t("password")}</span>
            <input
              data-testid="password-field"
              type="password"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
              autoComplete="off"
              // oxlint-disable-next-line jsx-a11y/no-autofocus
              autoFocus
            />
          </label>
        </div>
        {place !== undefined && (
          <div className={styles["keep"]}>
            <label>
              <input
                type="checkbox"
                data-testid="password-keep"
                checked={keep}
                onChange={(event) => setKeep(event.target.checked)}
                aria-describedby="password-place"
              />
              {t(place === "keychain" ? "keep-in-keychain" : "keep-in-memory")}
            </label>
            <p id="password-place" data-testid="password-place">
              {t(place === "keychain" ? "keychain-note" : "memory-note")}
            </p>
          </div>
        )}
        <button data-testid="password-submit" type="submit" className={controls["primary"]}>
          {t("connect")}
        </button>
        <button type="button" className={controls["plain"]} onClick={() => void client.goHome()}>
          {t("to-home")}
        </button>
      </form>
    </Page>
  );
}
