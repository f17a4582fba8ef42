// The tools: a small bar at the top edge. It goes when the desktop is used again, or with Escape.

import { type KeyboardEvent, lazy, Suspense, useEffect, useRef, useState } from "react";
import type { Client } from "../client.ts";
import type { SessionFacts } from "../connection/connection.ts";
import type { SeenPad } from "../input/gamepads.ts";
import { SoundTools } from "./sound-tools.tsx";
import { Tool } from "./tool.tsx";
import styles from "./toolbar.module.css";
import type { VncState } from "../vnc/vnc-path.ts";
import { useStore } from "./use-store.ts";
import { useSay, useText } from "./use-text.ts";
import type { Text } from "../messages/areas.ts";
import type { Sentence } from "../messages/said.ts";

/** The pointer may leave the bar this long before it goes. */
const LEAVE_MS = 900;
const NOTIFICATIONS = {
  on: "notifications-hide",
  off: "notifications-show",
  refused: "notifications-refused",
} as const;

/** Only the desktop application has a home. */
const HomeTool = lazy(async () => ({ default: (await import("./home/home-tool.tsx")).HomeTool }));

export function Toolbar({ client }: { readonly client: Client }) {
  const t = useText("tools");
  const say = useSay();
  const { scale, resize, stats, locked, panel } = useStore(client.view);
  const vnc = useStore(client.vnc.state);
  const facts = useStore(client.connection.facts);
  const { mode } = useStore(client.hands.keyboard);
  const pads = useStore(client.hands.gamepads.seen);
  const { left } = useStore(client.files.queue.state);
  const notifications = useStore(client.notifications.state);
  const system = useText("system");
  const fullscreen = useFullscreen();
  const bar = useRef<HTMLDivElement>(null);
  const leaving = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => {
    bar.current?.querySelector("button")?.focus();
    const hide = (event: PointerEvent): void => {
      if (!(event.target instanceof Node) || bar.current?.contains(event.target) !== true) {
        client.changeView({ toolbar: false });
      }
    };
    window.addEventListener("pointerdown", hide, { capture: true });
    return () => {
      clearTimeout(leaving.current);
      window.removeEventListener("pointerdown", hide, { capture: true });
    };
  }, [client]);

  const hide = (): void => {
    client.changeView({ toolbar: false });
    client.focusDesktop();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape") hide();
    if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
    const buttons = [...(bar.current?.querySelectorAll("button") ?? [])];
    const at = buttons.findIndex((button) => button === document.activeElement);
    buttons[(at + (event.key === "ArrowRight" ? 1 : -1) + buttons.length) % buttons.length]?.focus();
  };

  return (
    <div
      ref={bar}
      role="toolbar"
      aria-label={t("desktop-tools")}
      data-testid="toolbar"
      className={styles["toolbar"]}
      onKeyDown={onKeyDown}
      onPointerEnter={() => clearTimeout(leaving.current)}
      // A finger leaves with each touch.
      onPointerLeave={({ pointerType }) => {
        if (pointerType === "touch") return;
        clearTimeout(leaving.current);
        leaving.current = setTimeout(hide, LEAVE_MS);
      }}
    >
      {client.saved !== undefined && (
        <Suspense fallback={null}>
          <HomeTool client={client} />
        </Suspense>
      )}
      <Tool
        testId="toggle-fullscreen"
        label={fullscreen ? t("leave-fullscreen") : t("fullscreen")}
        pressed={fullscreen}
        onClick={() => {
          hide();
          void client.toggleFullscreen();
        }}
      >
        <path d={fullscreen ? "M6 2v4H2m8-4v4h4M6 14v-4H2m8 4v-4h4" : "M2 6V2h4m4 0h4v4M2 10v4h4m4 0h4v-4"} />
      </Tool>
      <Tool
        testId="toggle-scale"
        label={scale === "fit" ? t("one-to-one") : t("fit")}
        pressed={scale === "native"}
        onClick={() => client.changeView({ scale: scale === "fit" ? "native" : "fit" })}
      >
        <path d="M3 5l1.5-1v8M8 6v.1M8 10v.1M11.5 5l1.5-1v8" />
      </Tool>
      <Tool
        testId="toggle-resize"
        label={resize ? t("keep-size") : t("follow-window")}
        pressed={resize && facts.resize}
        disabled={!facts.resize}
        onClick={() => client.changeView({ resize: !resize })}
      >
        <path d="M2 3h12v10H2zM6 10l4-4m-3 0h3v3" />
      </Tool>
      {!client.monitors.further && !facts.viewOnly && (
        <Tool
          testId="add-monitor"
          label={monitorLabel(facts, t)}
          marked={(facts.display?.monitors ?? 1) > 1}
          disabled={vnc.phase !== "off" || !takesMonitor(facts)}
          onClick={() => {
            hide();
            client.addMonitor();
          }}
        >
          <path d="M1.5 3h13v8.5h-13zM5.5 14h5M8 5v4.5M5.8 7.2h4.4" />
        </Tool>
      )}
      {client.shell !== undefined && !client.monitors.further && !facts.viewOnly && (
        <Tool
          testId="fill-screens"
          label={system("all-screens")}
          disabled={vnc.phase !== "off" || facts.monitors === undefined}
          onClick={() => {
            hide();
            void client.fillScreens();
          }}
        >
          <path d="M1 3h6.3v5H1zM8.7 3H15v5H8.7zM2.5 11h3.3M10.2 11h3.3M4.1 8v3M11.9 8v3" />
        </Tool>
      )}
      <Tool
        testId="lock-pointer"
        label={locked ? t("free-pointer") : t("lock-pointer")}
        pressed={locked}
        disabled={facts.viewOnly || vnc.phase !== "off"}
        onClick={() => {
          hide();
          client.toggleLock();
        }}
      >
        <path d="M4 2l8 7.5-3.6.3L10.5 14l-1.8.8-2-4.3L4 13z" />
      </Tool>
      {!client.monitors.further && (
        <Tool
          testId="toggle-vnc"
          label={vncLabel(vnc, facts.paths.includes("vnc"), t, say)}
          pressed={vnc.phase !== "off"}
          disabled={!facts.paths.includes("vnc") && vnc.phase === "off"}
          onClick={() => {
            hide();
            client.choice.toggleVnc();
          }}
        >
          <path d="M2 3h12v8H2zM5.5 14h5M5 5.5l1.5 3L8 5.5m2 0v3m0-3l2 3v-3" />
        </Tool>
      )}
      {hasClipboard(vnc, facts) && (
        <Tool
          testId="toggle-clipboard"
          label={t("clipboard")}
          pressed={panel === "clipboard"}
          onClick={() => client.changeView({ toolbar: false, panel: panel === "clipboard" ? undefined : "clipboard" })}
        >
          <path d="M5.5 3H3.5v11h9V3h-2M5.5 2h5v2.5h-5z" />
        </Tool>
      )}
      {facts.notifications === true && (
        <Tool
          testId="toggle-notifications"
          label={system(NOTIFICATIONS[notifications])}
          pressed={notifications === "on"}
          disabled={notifications === "refused"}
          onClick={() => void client.notifications.toggle()}
        >
          <path d="M8 2a4 4 0 0 0-4 4v3l-1.3 2.3h10.6L12 9V6a4 4 0 0 0-4-4zM6.5 13.5h3" />
        </Tool>
      )}
      {(facts.files?.up === true || facts.files?.down === true) && (
        <Tool
          testId="open-files"
          label={left === 0 ? t("files") : t("files-moving", { count: left })}
          marked={left > 0}
          onClick={() => client.changeView({ toolbar: false, panel: "files" })}
        >
          <path d="M9 2H4v12h8V5zM9 2v3h3M8 11.5v-4m-1.8 1.8L8 7.5l1.8 1.8" />
        </Tool>
      )}
      {!facts.viewOnly && vnc.phase === "off" && (
        <Tool
          testId="open-keyboard"
          label={mode === "text" ? t("keyboard-text") : t("keyboard-physical")}
          onClick={() => client.changeView({ toolbar: false, panel: "keyboard" })}
        >
          <path d="M1.5 4h13v8h-13zM4 6.5v.1M6.5 6.5v.1M9 6.5v.1M11.7 6.5v.1M5 9.7h6" />
        </Tool>
      )}
      {!facts.viewOnly && vnc.phase === "off" && (
        <Tool
          testId="open-pointer"
          label={t("pointer")}
          onClick={() => client.changeView({ toolbar: false, panel: "pointer" })}
        >
          <path d="M6 9V3.3a1.3 1.3 0 0 1 2.6 0V7l3.4.8a1.6 1.6 0 0 1 1.2 1.8l-.6 3.1a1.8 1.8 0 0 1-1.8 1.3H8a2 2 0 0 1-1.6-.8L3.4 9.6a1.1 1.1 0 0 1 1.7-1.4z" />
        </Tool>
      )}
      {!facts.viewOnly && !client.monitors.further && (
        <Tool
          testId="open-gamepads"
          label={padsLabel(pads, facts, t)}
          marked={(facts.gamepads?.pads.length ?? 0) > 0}
          onClick={() => client.changeView({ toolbar: false, panel: "gamepads" })}
        >
          <path d="M5 5h6a3 3 0 0 1 3 3l.3 2.7a1.6 1.6 0 0 1-2.9 1L10.3 10.5H5.7L4.6 11.7a1.6 1.6 0 0 1-2.9-1L2 8a3 3 0 0 1 3-3zM4.5 8h2m-1-1v2M10.2 7.6v.1M11.6 8.4v.1" />
        </Tool>
      )}
      {!client.monitors.further && <SoundTools client={client} />}
      <Tool
        testId="open-settings"
        label={t("settings")}
        onClick={() => client.changeView({ toolbar: false, panel: "settings" })}
      >
        <path d="M2 4.5h7m3 0h2M2 11.5h2m3 0h7M10.5 3v3M5.5 10v3" />
      </Tool>
      <Tool
        testId="toggle-stats"
        label={stats ? t("hide-statistics") : t("statistics")}
        pressed={stats}
        onClick={() => client.changeView({ stats: !stats })}
      >
        <path d="M3 13V9m3.5 4V4M10 13V7m3.5 6V2" />
      </Tool>
      {!client.monitors.further && (facts.doctor === true || facts.viewOnly) && (
        <Tool
          testId="open-doctor"
          label={facts.viewOnly ? t("doctor-refused") : t("doctor")}
          disabled={facts.viewOnly}
          onClick={() => client.changeView({ toolbar: false, panel: "doctor" })}
        >
          <path d="M4 2.5H3v4a3.2 3.2 0 0 0 6.4 0v-4h-1M6.2 9.7v1a3 3 0 0 0 6 0V9.4M12.2 6.6a1.4 1.4 0 1 0 0 2.8 1.4 1.4 0 0 0 0-2.8z" />
        </Tool>
      )}
      {facts.viewOnly && (
        <span className={styles["role"]} data-testid="view-only" title={t("view-only-why")}>
          {t("view-only")}
        </span>
      )}
      <span className={styles["gap"]} />
      <Tool testId="disconnect" label={t("disconnect")} onClick={() => client.connection.leave()}>
        <path d="M8 2v6M4.5 4.3a5.3 5.3 0 1 0 7 0" />
      </Tool>
    </div>
  );
}

function takesMonitor({ monitors, display }: SessionFacts): boolean {
  return monitors !== undefined && monitors > 1 && (display?.monitors ?? 1) < monitors;
}

function monitorLabel(facts: SessionFacts, t: Text<"tools">): string {
  if (takesMonitor(facts)) return t("add-monitor");
  const { monitors } = facts;
  return monitors === undefined || monitors === 1 ? t("no-monitors") : t("most-monitors", { count: monitors });
}

function hasClipboard(vnc: VncState, { clipboard, viewOnly }: SessionFacts): boolean {
  if (vnc.phase !== "off") return vnc.phase === "open" && !viewOnly;
  return clipboard?.in === true || clipboard?.out === true;
}

function vncLabel(vnc: VncState, offered: boolean, t: Text<"tools">, say: (sentence: Sentence) => string): string {
  if (vnc.phase !== "off") return t("leave-vnc", { why: say(vnc.why) });
  return offered ? t("go-to-vnc") : t("no-vnc");
}

function padsLabel(seen: readonly SeenPad[] | undefined, { gamepads }: SessionFacts, t: Text<"tools">): string {
  if (gamepads === undefined || gamepads.tier === "off") return t("gamepads-none");
  const count = gamepads.pads.length;
  if (count > 0) return t("gamepads-used", { count });
  return (seen?.length ?? 0) > 0 ? t("gamepads-unusable") : t("gamepads");
}

function useFullscreen(): boolean {
  const [on, setOn] = useState(document.fullscreenElement !== null);
  useEffect(() => {
    const changed = (): void => setOn(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", changed);
    return () => document.removeEventListener("fullscreenchange", changed);
  }, []);
  return on;
}
