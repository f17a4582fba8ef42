// The tools: a small bar at the top edge. It goes when the desktop is used again, or with Escape.

import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { Client } from "../client.ts";
import type { SessionFacts } from "../connection/connection.ts";
import type { SeenPad } from "../input/gamepads.ts";
import { SoundTools } from "./sound-tools.tsx";
import { Tool } from "./tool.tsx";
import styles from "./toolbar.module.css";
import type { VncState } from "../vnc/vnc-path.ts";
import { useStore } from "./use-store.ts";

/** The pointer may leave the bar this long before it goes. */
const LEAVE_MS = 900;

export function Toolbar({ client }: { readonly client: Client }) {
  const { scale, resize, stats, locked, panel } = useStore(client.view);
  const vnc = useStore(client.vnc.state);
  const facts = useStore(client.connection.facts);
  const { mode } = useStore(client.hands.keyboard);
  const pads = useStore(client.hands.gamepads.seen);
  const { left } = useStore(client.files.queue.state);
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
      aria-label="Desktop tools"
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
      <Tool
        testId="toggle-fullscreen"
        label={fullscreen ? "Leave fullscreen" : "Fullscreen"}
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
        label={scale === "fit" ? "Show at 1:1" : "Fit into the window"}
        pressed={scale === "native"}
        onClick={() => client.changeView({ scale: scale === "fit" ? "native" : "fit" })}
      >
        <path d="M3 5l1.5-1v8M8 6v.1M8 10v.1M11.5 5l1.5-1v8" />
      </Tool>
      <Tool
        testId="toggle-resize"
        label={resize ? "Keep the desktop's size" : "Let the desktop follow the window"}
        pressed={resize && facts.resize}
        disabled={!facts.resize}
        onClick={() => client.changeView({ resize: !resize })}
      >
        <path d="M2 3h12v10H2zM6 10l4-4m-3 0h3v3" />
      </Tool>
      {!client.monitors.further && !facts.viewOnly && (
        <Tool
          testId="add-monitor"
          label={monitorLabel(facts)}
          marked={(facts.display?.monitors ?? 1) > 1}
          disabled={vnc.phase !== "off" || monitorLabel(facts) !== ADD_MONITOR}
          onClick={() => {
            hide();
            client.addMonitor();
          }}
        >
          <path d="M1.5 3h13v8.5h-13zM5.5 14h5M8 5v4.5M5.8 7.2h4.4" />
        </Tool>
      )}
      <Tool
        testId="lock-pointer"
        label={
          locked ? "Free the pointer (Escape)" : "Lock the pointer into the desktop (Ctrl+Alt+Shift+L; Escape frees it)"
        }
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
          label={vncLabel(vnc, facts.paths.includes("vnc"))}
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
          label="Clipboard of the desktop"
          pressed={panel === "clipboard"}
          onClick={() => client.changeView({ toolbar: false, panel: panel === "clipboard" ? undefined : "clipboard" })}
        >
          <path d="M5.5 3H3.5v11h9V3h-2M5.5 2h5v2.5h-5z" />
        </Tool>
      )}
      {(facts.files?.up === true || facts.files?.down === true) && (
        <Tool
          testId="open-files"
          label={left === 0 ? "Files" : `Files: ${left} on their way`}
          marked={left > 0}
          onClick={() => client.changeView({ toolbar: false, panel: "files" })}
        >
          <path d="M9 2H4v12h8V5zM9 2v3h3M8 11.5v-4m-1.8 1.8L8 7.5l1.8 1.8" />
        </Tool>
      )}
      {!facts.viewOnly && vnc.phase === "off" && (
        <Tool
          testId="open-keyboard"
          label={mode === "text" ? "Keyboard: characters" : "Keyboard: places"}
          onClick={() => client.changeView({ toolbar: false, panel: "keyboard" })}
        >
          <path d="M1.5 4h13v8h-13zM4 6.5v.1M6.5 6.5v.1M9 6.5v.1M11.7 6.5v.1M5 9.7h6" />
        </Tool>
      )}
      {!facts.viewOnly && vnc.phase === "off" && (
        <Tool
          testId="open-pointer"
          label="Pointer, touch and pen"
          onClick={() => client.changeView({ toolbar: false, panel: "pointer" })}
        >
          <path d="M6 9V3.3a1.3 1.3 0 0 1 2.6 0V7l3.4.8a1.6 1.6 0 0 1 1.2 1.8l-.6 3.1a1.8 1.8 0 0 1-1.8 1.3H8a2 2 0 0 1-1.6-.8L3.4 9.6a1.1 1.1 0 0 1 1.7-1.4z" />
        </Tool>
      )}
      {!facts.viewOnly && !client.monitors.further && (
        <Tool
          testId="open-gamepads"
          label={padsLabel(pads, facts)}
          marked={(facts.gamepads?.pads.length ?? 0) > 0}
          onClick={() => client.changeView({ toolbar: false, panel: "gamepads" })}
        >
          <path d="M5 5h6a3 3 0 0 1 3 3l.3 2.7a1.6 1.6 0 0 1-2.9 1L10.3 10.5H5.7L4.6 11.7a1.6 1.6 0 0 1-2.9-1L2 8a3 3 0 0 1 3-3zM4.5 8h2m-1-1v2M10.2 7.6v.1M11.6 8.4v.1" />
        </Tool>
      )}
      {!client.monitors.further && <SoundTools client={client} />}
      <Tool
        testId="open-settings"
        label="Picture and sound settings"
        onClick={() => client.changeView({ toolbar: false, panel: "settings" })}
      >
        <path d="M2 4.5h7m3 0h2M2 11.5h2m3 0h7M10.5 3v3M5.5 10v3" />
      </Tool>
      <Tool
        testId="toggle-stats"
        label={stats ? "Hide statistics" : "Statistics"}
        pressed={stats}
        onClick={() => client.changeView({ stats: !stats })}
      >
        <path d="M3 13V9m3.5 4V4M10 13V7m3.5 6V2" />
      </Tool>
      {facts.viewOnly && (
        <span className={styles["role"]} data-testid="view-only" title="You may watch this desktop, and not touch it">
          View only
        </span>
      )}
      <span className={styles["gap"]} />
      <Tool testId="disconnect" label="Disconnect" onClick={() => client.connection.leave()}>
        <path d="M8 2v6M4.5 4.3a5.3 5.3 0 1 0 7 0" />
      </Tool>
    </div>
  );
}

const ADD_MONITOR = "Add a monitor: a further window";

function monitorLabel({ monitors, display }: SessionFacts): string {
  if (monitors === undefined || monitors === 1) return "This desktop takes no further monitors";
  return (display?.monitors ?? 1) < monitors ? ADD_MONITOR : `This desktop takes ${monitors} monitors`;
}

function hasClipboard(vnc: VncState, { clipboard, viewOnly }: SessionFacts): boolean {
  if (vnc.phase !== "off") return vnc.phase === "open" && !viewOnly;
  return clipboard?.in === true || clipboard?.out === true;
}

function vncLabel(vnc: VncState, offered: boolean): string {
  if (vnc.phase !== "off") return `Leave noVNC (${vnc.why})`;
  return offered ? "Go over to noVNC" : "This agent has no noVNC";
}

function padsLabel(seen: readonly SeenPad[] | undefined, { gamepads }: SessionFacts): string {
  if (gamepads === undefined || gamepads.tier === "off") return "Gamepads: this desktop takes none";
  const used = gamepads.pads.length;
  if (used > 0) return used === 1 ? "Gamepads: one in use" : `Gamepads: ${used} in use`;
  return (seen?.length ?? 0) > 0 ? "Gamepads: none that can be used" : "Gamepads";
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
