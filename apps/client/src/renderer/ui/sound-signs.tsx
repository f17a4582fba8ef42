// What stands over the desktop of its sound: that the microphone is on, for as long as it is; that the browser wants a touch before it
// plays anything; what went wrong.

import { useEffect, useState } from "react";
import type { Client } from "../client.ts";
import styles from "./sound.module.css";
import { useStore } from "./use-store.ts";
import { useSay, useText } from "./use-text.ts";

const TROUBLE_MS = 8000;

export function SoundSigns({ client }: { readonly client: Client }) {
  const t = useText("tools");
  const say = useSay();
  const { blocked, trouble } = useStore(client.sound.state);
  const microphone = useStore(client.microphone.state);
  const { muted } = useStore(client.preferences.store);
  const heard = microphone.trouble === undefined ? undefined : say(microphone.trouble);
  const sounded = trouble === undefined ? undefined : say(trouble);
  return (
    <div className={styles["signs"]}>
      {microphone.phase === "on" && (
        <button
          type="button"
          className={styles["microphone"]}
          data-testid="microphone-on"
          title={t("microphone-turn-off")}
          onClick={() => {
            client.microphone.turnOff();
            client.focusDesktop();
          }}
        >
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="M8 2a2 2 0 0 1 2 2v4a2 2 0 0 1-4 0V4a2 2 0 0 1 2-2zM3.8 7.5a4.2 4.2 0 0 0 8.4 0M8 11.8V14" />
          </svg>
          {t("microphone-on")}
        </button>
      )}
      {blocked && !muted && (
        <p className={styles["sign"]} data-testid="sound-blocked" role="status">
          {t("click-to-hear")}
        </p>
      )}
      <Trouble key={`microphone ${heard}`} text={heard} testId="microphone-trouble" />
      <Trouble key={`sound ${sounded}`} text={sounded} testId="sound-trouble" />
    </div>
  );
}

/** Goes by itself. */
function Trouble({ text, testId }: { readonly text: string | undefined; readonly testId: string }) {
  const [gone, setGone] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setGone(true), TROUBLE_MS);
    return () => clearTimeout(timer);
  }, []);
  if (text === undefined || gone) return null;
  return (
    <p className={styles["sign"]} data-level="warning" data-testid={testId} role="status">
      {text}
    </p>
  );
}
