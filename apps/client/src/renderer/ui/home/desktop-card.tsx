// One saved desktop: its last picture, its name, where it is and how it is. A link to its page, so that it opens in a window of its own as links do; and its
// tools. Part of `desktops-place.tsx`.

import { type ReactNode, useRef } from "react";
import type { Bridge } from "../../../shared/bridge.ts";
import type { DesktopState, SavedDesktop } from "../../../shared/desktops.ts";
import { Mark } from "../mark.tsx";
import { useFormats, useText } from "../use-text.ts";
import styles from "./desktops.module.css";
import { targetText } from "./target-words.ts";
import { useDesktopState, usePicture } from "./use-desktops.ts";

interface DesktopCardProps {
  readonly bridge: Bridge;
  readonly desktop: SavedDesktop;
  /** When the list was had. */
  readonly nowMs: number;
  readonly onEdit: () => void;
  readonly onRemove: () => void;
}

export const pageOf = (id: string): string => `?desktop=${id}`;

export function DesktopCard({ bridge, desktop, nowMs, onEdit, onRemove }: DesktopCardProps) {
  const t = useText("home");
  const formats = useFormats();
  const { id, name, target, lastUsedMs } = desktop;
  const card = useRef<HTMLLIElement>(null);
  const picture = usePicture(bridge, id);
  const state = useDesktopState(bridge, id, card);
  return (
    <li ref={card} className={styles["card"]} data-testid="desktop-card" data-id={id}>
      <a href={pageOf(id)} data-card="" aria-describedby={`about-${id}`}>
        <span className={styles["picture"]}>
          {picture === undefined ? <Mark /> : <img src={picture} alt="" data-testid="desktop-picture" />}
        </span>
        <span className={styles["name"]} data-testid="desktop-name">
          {name}
        </span>
      </a>
      <div id={`about-${id}`} className={styles["about"]}>
        <p className={styles["where"]} title={targetText(target)}>
          {targetText(target)}
        </p>
        <p className={styles["state"]} data-testid="desktop-state" data-condition={state?.condition}>
          {state === undefined ? t("condition.asking") : <State state={state} />}
          {lastUsedMs > 0 && <span> · {formats.ago(lastUsedMs, nowMs)}</span>}
        </p>
      </div>
      <div className={styles["tools"]}>
        <CardTool
          testId="desktop-window"
          label={t("open-in-window", { name })}
          onClick={() => window.open(pageOf(id), "_blank")}
        >
          <path d="M6 3H3v10h10v-3M9 3h4v4M13 3L7.5 8.5" />
        </CardTool>
        <CardTool testId="desktop-edit" label={t("edit", { name })} onClick={onEdit}>
          <path d="M3 13l.7-2.8L11 3l2 2-7.2 7.3zM9.5 4.5l2 2" />
        </CardTool>
        <CardTool testId="desktop-remove" label={t("remove", { name })} onClick={onRemove}>
          <path d="M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.5 8.5h6l.5-8.5" />
        </CardTool>
      </div>
    </li>
  );
}

function State({ state }: { readonly state: DesktopState }) {
  const t = useText("home");
  const formats = useFormats();
  const { condition, latencyMs, viewers = 0 } = state;
  return (
    <>
      {t(`condition.${condition}`)}
      {latencyMs !== undefined && (
        <span data-testid="desktop-latency"> · {formats.millis(latencyMs, latencyMs < 10 ? 1 : 0)}</span>
      )}
      {viewers > 0 && <span> · {t("viewers", { count: viewers })}</span>}
    </>
  );
}

interface CardToolProps {
  readonly testId: string;
  readonly label: string;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

function CardTool({ testId, label, onClick, children }: CardToolProps) {
  return (
    <button type="button" data-testid={testId} aria-label={label} title={label} onClick={onClick}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        {children}
      </svg>
    </button>
  );
}
