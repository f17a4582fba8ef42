// The gamepads of this viewer: which the browser shows, as which player each one is on the desktop, whether it rumbles, and how programs
// get them. Opened from the toolbar. From `input/gamepads.ts` and the agent's `gamepads`.

import type { Client } from "../client.ts";
import type { SessionFacts } from "../connection/connection.ts";
import type { SeenPad } from "../input/gamepads.ts";
import styles from "./panel.module.css";
import { Panel } from "./panel.tsx";
import { useStore } from "./use-store.ts";
import { useText } from "./use-text.ts";
import type { Text } from "../messages/areas.ts";

export function GamepadsPanel({ client }: { readonly client: Client }) {
  const t = useText("hands");
  const seen = useStore(client.hands.gamepads.seen);
  const { gamepads } = useStore(client.connection.facts);

  return (
    <Panel client={client} title={t("gamepads")} testId="gamepads-panel" focus="header button">
      {seen === undefined ? (
        <p className={styles["note"]}>{t("https-only")}</p>
      ) : (
        <ul className={styles["list"]} aria-live="polite">
          {seen.map((pad, at) => (
            <li key={`${at} ${pad.name}`} data-testid="gamepad">
              <span>{pad.name}</span>
              <span className={styles["note"]}>{padNote(pad, gamepads, t)}</span>
            </li>
          ))}
        </ul>
      )}
      {seen?.length === 0 && <p className={styles["note"]}>{t("press-button")}</p>}
      <p className={styles["note"]} data-testid="gamepads-tier">
        {gamepads === undefined ? t("tier.off") : `${t(`tier.${gamepads.tier}`)} ${sentence(gamepads.why)}`}
      </p>
    </Panel>
  );
}

function padNote({ index, standard, rumble }: SeenPad, gamepads: SessionFacts["gamepads"], t: Text<"hands">): string {
  if (!standard) return t("pad-unknown");
  const player = gamepads?.pads.find((pad) => pad.index === index)?.player;
  if (player !== undefined) return rumble ? t("player-rumble", { player }) : t("player-still", { player });
  return gamepads === undefined || gamepads.tier === "off" ? t("not-passed") : t("no-place");
}

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
