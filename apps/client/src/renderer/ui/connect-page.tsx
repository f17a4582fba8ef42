// Asks where to connect and as whom. From `app.tsx`; goes to the client's `connect`.

import { type FormEvent, useEffect, useRef, useState } from "react";
import { readWebAddress, travelsInClear } from "../../shared/web-address.ts";
import type { Client } from "../client.ts";
import { describeFailure, type Failure } from "../connection/failure.ts";
import controls from "./controls.module.css";
import { Page } from "./page.tsx";
import styles from "./page.module.css";
import { useStore } from "./use-store.ts";
import { useSay, useText } from "./use-text.ts";
import { Around, HERE } from "./around.tsx";

const DEFAULT_USER = "user";

interface ConnectPageProps {
  readonly client: Client;
  readonly failure: Failure | undefined;
}

export function ConnectPage({ client, failure }: ConnectPageProps) {
  const t = useText("connection");
  const { hosts } = useStore(client.preferences.store);
  const target = client.connection.target;
  const [url, setUrl] = useState(
    target?.address.pageUrl ?? client.wantedUrl ?? client.origin?.pageUrl ?? hosts[0]?.url ?? "",
  );
  const [user, setUser] = useState(
    target?.credentials.user || hosts.find((host) => host.url === url)?.user || DEFAULT_USER,
  );
  const [password, setPassword] = useState("");
  const [badUrl, setBadUrl] = useState(false);
  const urlField = useRef<HTMLInputElement>(null);
  const passwordField = useRef<HTMLInputElement>(null);
  const asked = failure !== undefined;
  const pageUrl = readWebAddress(url)?.pageUrl ?? "";
  // The application asks before it connects; whoever is on a page without encryption has been told by the browser.
  const clear = client.shell === undefined && pageUrl !== client.origin?.pageUrl && travelsInClear(pageUrl);

  useEffect(() => {
    (asked ? passwordField : urlField).current?.focus();
  }, [asked]);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const accepted = client.connect(url, user, password);
    setBadUrl(!accepted);
    if (!accepted) urlField.current?.focus();
  };

  return (
    <Page>
      <h1>{t("title")}</h1>
      {failure !== undefined && <Message failure={failure} />}
      <form data-testid="connect-form" className={styles["form"]} onSubmit={submit}>
        <label className={controls["field"]}>
          <span>{t("address")}</span>
          <input
            data-testid="connect-url"
            ref={urlField}
            value={url}
            onChange={(event) => setUrl(event.target.value)}
            placeholder="https://desktop.example:8080"
            autoCapitalize="none"
            autoComplete="url"
            spellCheck={false}
            inputMode="url"
            required
            aria-invalid={badUrl}
            aria-describedby={badUrl ? "bad-url" : undefined}
          />
          {badUrl && (
            <small id="bad-url" role="alert" className={controls["wrong"]}>
              {t("bad-address")}
            </small>
          )}
        </label>
        {clear && (
          <p role="status" data-testid="connect-clear-text" className={styles["problem"]}>
            {t("clear-text", { host: new URL(pageUrl).host })}
          </p>
        )}
        <div className={styles["pair"]}>
          <label className={controls["field"]}>
            <span>{t("user")}</span>
            <input
              data-testid="connect-user"
              value={user}
              onChange={(event) => setUser(event.target.value)}
              autoCapitalize="none"
              autoComplete="username"
              spellCheck={false}
            />
          </label>
          <label className={controls["field"]}>
            <span>{t("password")}</span>
            <input
              data-testid="connect-password"
              ref={passwordField}
              type="password"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
              autoComplete="current-password"
            />
          </label>
        </div>
        <button data-testid="connect-submit" type="submit" className={controls["primary"]}>
          {t("connect")}
        </button>
      </form>
      {hosts.length > 0 && (
        <section className={styles["recent"]}>
          <h2>{t("recent")}</h2>
          <ul>
            {hosts.map((host) => (
              <li key={host.url}>
                <button
                  type="button"
                  onClick={() => {
                    setUrl(host.url);
                    setUser(host.user || DEFAULT_USER);
                    passwordField.current?.focus();
                  }}
                >
                  <span className={styles["host"]}>{host.url.replace(/^https?:\/\//, "").replace(/\/$/, "")}</span>
                  {host.user !== "" && <span className={styles["as"]}>{host.user}</span>}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Hint />
    </Page>
  );
}

function Message({ failure }: { readonly failure: Failure }) {
  const say = useSay();
  const { sentence, remedy } = describeFailure(failure);
  const wrong = failure.reason !== "auth-required";
  return (
    <p role="alert" data-testid="connect-message" className={wrong ? styles["problem"] : styles["ask"]}>
      <strong>{say(sentence)}</strong> {say(remedy)}
    </p>
  );
}

function Hint() {
  const t = useText("connection");
  return (
    <p className={styles["hint"]}>
      <Around text={t("hint", { keys: HERE })}>
        <kbd>Ctrl</kbd> <kbd>Alt</kbd> <kbd>Shift</kbd> <kbd>M</kbd>
      </Around>
    </p>
  );
}
