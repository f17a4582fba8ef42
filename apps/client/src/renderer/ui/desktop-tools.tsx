// What stands over the desktop: nothing, until it is asked for. The handle at the top edge is invisible and paints nothing
// while the pointer is elsewhere, so that a still desktop costs the browser nothing.

import { type ComponentType, lazy, useEffect, useLayoutEffect, useState } from "react";
import type { Client } from "../client.ts";
import type { PanelName } from "../view-state.ts";
import { ChordHint } from "./chord-hint.tsx";
import { ClipboardPanel } from "./clipboard-panel.tsx";
import { CopiedNotice } from "./copied-files.tsx";
import { DoctorPanel } from "./doctor-panel.tsx";
import { Dismiss } from "./dismiss.tsx";
import { DropHint, FilesPanel } from "./files-panel.tsx";
import { GamepadsPanel } from "./gamepads-panel.tsx";
import { KeyRow } from "./key-row.tsx";
import { KeyboardPanel } from "./keyboard-panel.tsx";
import { Late } from "./late.tsx";
import { PointerPanel } from "./pointer-panel.tsx";
import { SettingsPanel } from "./settings-panel.tsx";
import { SoundSigns } from "./sound-signs.tsx";
import { StatsOverlay } from "./stats-overlay.tsx";
import { Toolbar } from "./toolbar.tsx";
import styles from "./toolbar.module.css";
import { useStore } from "./use-store.ts";
import { useSay, useText } from "./use-text.ts";

const NOTICE_MS = 8000;

/** Fetched when it is opened. */
const AllSettings = lazy(async () => ({
  default: (await import("./settings/all-settings-panel.tsx")).AllSettingsPanel,
}));

const PANELS = {
  "all-settings": AllSettings,
  clipboard: ClipboardPanel,
  doctor: DoctorPanel,
  files: FilesPanel,
  gamepads: GamepadsPanel,
  keyboard: KeyboardPanel,
  pointer: PointerPanel,
  settings: SettingsPanel,
} as const satisfies Record<PanelName, ComponentType<{ readonly client: Client }>>;

export function DesktopTools({ client }: { readonly client: Client }) {
  const t = useText("tools");
  const { toolbar, stats, panel, keyRow } = useStore(client.view);
  const Panel = panel === undefined ? undefined : PANELS[panel];
  return (
    <>
      {toolbar ? (
        <section aria-label={t("desktop-tools")}>
          <Toolbar client={client} />
        </section>
      ) : (
        <button
          type="button"
          data-testid="toolbar-handle"
          className={styles["handle"]}
          aria-label={t("tools")}
          title={t("tools-key")}
          tabIndex={-1}
          onClick={() => client.changeView({ toolbar: true })}
        />
      )}
      {!toolbar && <ChordHint client={client} />}
      {stats && <StatsOverlay client={client} />}
      <Late key={panel} onDismiss={() => client.changeView({ panel: undefined })}>
        {Panel !== undefined && <Panel client={client} />}
      </Late>
      <DropHint client={client} />
      <SoundSigns client={client} />
      {keyRow && <KeyRowWithHands client={client} />}
      <div className={styles["notices"]}>
        <VncProgress client={client} />
        <CopiedNotice client={client} />
        <Notice client={client} />
      </div>
    </>
  );
}

/** Who may only watch has no use for keys, and noVNC has hands of its own. The desktop makes room. */
function KeyRowWithHands({ client }: { readonly client: Client }) {
  const t = useText("tools");
  const { viewOnly } = useStore(client.connection.facts);
  const { phase } = useStore(client.vnc.state);
  const shown = !viewOnly && phase === "off";
  useLayoutEffect(() => {
    const { dataset } = document.documentElement;
    if (!shown) return;
    dataset["keyRow"] = "";
    return () => void delete dataset["keyRow"];
  }, [shown]);
  if (!shown) return null;
  return (
    <section aria-label={t("keys")}>
      <KeyRow client={client} />
    </section>
  );
}

/** While noVNC is opened, or opened again: that it is, and what went wrong before. */
function VncProgress({ client }: { readonly client: Client }) {
  const t = useText("tools");
  const say = useSay();
  const vnc = useStore(client.vnc.state);
  if (vnc.phase !== "opening") return null;
  return (
    <div className={styles["notice"]} data-level="info" data-testid="vnc-progress" role="status">
      <span>{vnc.trouble === undefined ? t("vnc-opening") : t("vnc-again", { why: say(vnc.trouble) })}</span>
    </div>
  );
}

/** A sentence of the agent or of this side. One that is no error goes by itself. */
function Notice({ client }: { readonly client: Client }) {
  const say = useSay();
  const { notice } = useStore(client.connection.facts);
  const [gone, setGone] = useState<typeof notice>();
  useEffect(() => {
    if (notice === undefined || notice.level === "error") return;
    const timer = setTimeout(() => setGone(notice), NOTICE_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  if (notice === undefined || notice === gone || notice.text === "") return null;
  return (
    <div className={styles["notice"]} data-level={notice.level} data-testid="notice" role="status">
      <span>{say(notice.text)}</span>
      <Dismiss
        onClick={() => {
          setGone(notice);
          client.focusDesktop();
        }}
      />
    </div>
  );
}
