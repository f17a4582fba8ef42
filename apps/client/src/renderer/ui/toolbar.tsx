// The tools: a small bar at the top edge. It goes when the desktop is used again, or with Escape.

import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import type { Client } from "../client.ts";
import styles from "./toolbar.module.css";
import { useStore } from "./use-store.ts";

/** The pointer may leave the bar this long before it goes. */
const LEAVE_MS = 900;

export function Toolbar({ client }: { readonly client: Client }) {
  const { scale, resize, stats, locked } = useStore(client.view);
  const facts = useStore(client.connection.facts);
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
      onPointerLeave={() => {
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
      <Tool
        testId="lock-pointer"
        label="Lock the pointer into the desktop (Escape frees it)"
        pressed={locked}
        onClick={() => {
          hide();
          void client.lockPointer();
        }}
      >
        <path d="M4 2l8 7.5-3.6.3L10.5 14l-1.8.8-2-4.3L4 13z" />
      </Tool>
      <Tool
        testId="toggle-stats"
        label={stats ? "Hide statistics" : "Statistics"}
        pressed={stats}
        onClick={() => client.changeView({ stats: !stats })}
      >
        <path d="M3 13V9m3.5 4V4M10 13V7m3.5 6V2" />
      </Tool>
      <span className={styles["gap"]} />
      <Tool testId="disconnect" label="Disconnect" onClick={() => client.connection.leave()}>
        <path d="M8 2v6M4.5 4.3a5.3 5.3 0 1 0 7 0" />
      </Tool>
    </div>
  );
}

interface ToolProps {
  readonly testId: string;
  readonly label: string;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

function Tool({ testId, label, pressed, disabled, onClick, children }: ToolProps) {
  return (
    <button
      type="button"
      data-testid={testId}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onClick}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        {children}
      </svg>
    </button>
  );
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
