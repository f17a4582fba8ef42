// The frame that the toolbar's panels share: heading, Close, Escape. Who closes one goes on at the desktop.

import { type ReactNode, useEffect, useId, useRef } from "react";
import type { Client } from "../client.ts";
import styles from "./panel.module.css";
import { useText } from "./use-text.ts";

export interface PanelProps {
  readonly client: Client;
  readonly title: string;
  readonly testId: string;
  /** Selector of what takes the focus when it opens; undefined: it stays where it is. */
  readonly focus: string | undefined;
  /** At the lower edge. */
  readonly small?: boolean;
  readonly children: ReactNode;
}

/** What the Tab key comes to. */
const STOPS =
  "a[href], button:not(:disabled), input:not(:disabled, [type=radio]:not(:checked)), select:not(:disabled), textarea, summary";

/** From the last stop to the first, and back: behind the panel every key is the desktop's. True: the focus has been moved. */
function stays(panel: HTMLElement, back: boolean): boolean {
  const stops = [...panel.querySelectorAll<HTMLElement>(STOPS)].filter((stop) => stop.checkVisibility());
  const [from, to] = back ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
  if (document.activeElement !== from) return false;
  to?.focus();
  return true;
}

export function Panel({ client, title, testId, focus, small, children }: PanelProps) {
  const t = useText("tools");
  const panel = useRef<HTMLElement>(null);
  const first = useRef(focus);
  const id = useId();

  useEffect(() => {
    if (first.current !== undefined) panel.current?.querySelector<HTMLElement>(first.current)?.focus();
  }, []);

  const close = (): void => {
    client.changeView({ panel: undefined });
    client.focusDesktop();
  };

  return (
    <section
      ref={panel}
      role="dialog"
      aria-labelledby={id}
      data-testid={testId}
      className={small === true ? `${styles["panel"]} ${styles["small"]}` : styles["panel"]}
      onKeyDown={(event) => {
        if (event.key === "Escape") close();
        if (event.key === "Tab" && stays(event.currentTarget, event.shiftKey)) event.preventDefault();
      }}
    >
      <header>
        <h2 id={id} className={styles["title"]}>
          {title}
        </h2>
        <button type="button" className={styles["close"]} onClick={close}>
          {t("close")}
        </button>
      </header>
      {children}
    </section>
  );
}
