// The gamepads of this viewer: which the browser shows, as which player each one is on the desktop, whether it rumbles, and how programs
// get them. Opened from the toolbar. From `input/gamepads.ts` and the agent's `gamepads`.

import type { Client } from "../client.ts";
import type { SessionFacts } from "../connection/connection.ts";
import type { SeenPad } from "../input/gamepads.ts";
import styles from "./panel.module.css";
import { Panel } from "./panel.tsx";
import { useStore } from "./use-store.ts";

const TIERS = {
  uinput: "Every program sees them, as devices of the system.",
  interposer: "Programs started on this desktop see them.",
  off: "This desktop takes no gamepads.",
} as const;

export function GamepadsPanel({ client }: { readonly client: Client }) {
  const seen = useStore(client.hands.gamepads.seen);
  const { gamepads } = useStore(client.connection.facts);

  return (
    <Panel client={client} title="Gamepads" testId="gamepads-panel" focus="header button">
      {seen === undefined ? (
        <p className={styles["note"]}>This browser gives gamepads to https pages only.</p>
      ) : (
        <ul className={styles["list"]} aria-live="polite">
          {seen.map((pad, at) => (
            <li key={`${at} ${pad.name}`} data-testid="gamepad">
              <span>{pad.name}</span>
              <span className={styles["note"]}>{padNote(pad, gamepads)}</span>
            </li>
          ))}
        </ul>
      )}
      {seen?.length === 0 && (
        <p className={styles["note"]}>Press a button on a gamepad: browsers show it only from then on.</p>
      )}
      <p className={styles["note"]} data-testid="gamepads-tier">
        {gamepads === undefined
          ? "This desktop takes no gamepads."
          : `${TIERS[gamepads.tier]} ${sentence(gamepads.why)}`}
      </p>
    </Panel>
  );
}

function padNote({ index, standard, rumble }: SeenPad, gamepads: SessionFacts["gamepads"]): string {
  if (!standard) return "The browser does not know its layout, so that it can't be passed on.";
  const player = gamepads?.pads.find((pad) => pad.index === index)?.player;
  const motors = rumble ? "rumbles" : "no rumble: this browser can't drive its motors";
  if (player !== undefined) return `Player ${player}, ${motors}`;
  return gamepads === undefined || gamepads.tier === "off"
    ? "Not passed on"
    : "Not passed on: the desktop has no place for it";
}

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
