// The frame that the toolbar's panels share: heading, Close, Escape. Who closes one goes on at the desktop.

import { type ReactNode, useEffect, useId, useRef } from "react";
import type { Client } from "../client.ts";
import styles from "./panel.module.css";

export interface PanelProps {
  readonly client: Client;
  readonly title: string;
  readonly testId: string;
  /** Selector of what takes the focus when it opens; undefined: it stays where it is. */
  readonly focus: string | undefined;
  readonly children: ReactNode;
}

export function Panel({ client, title, testId, focus, children }: PanelProps) {
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
      className={styles["panel"]}
      onKeyDown={(event) => {
        if (event.key === "Escape") close();
      }}
    >
      <header>
        <h2 id={id} className={styles["title"]}>
          {title}
        </h2>
        <button type="button" className={styles["close"]} onClick={close}>
          Close
        </button>
      </header>
      {children}
    </section>
  );
}
