// noVNC's clipboard as a text box, for browsers that do not let a page at theirs: what was copied on the desktop stands in it, and
// what is written into it can be pasted there.

import { useEffect, useRef } from "react";
import type { Client } from "../client.ts";
import styles from "./panel.module.css";
import { useStore } from "./use-store.ts";

export function VncClipboard({ client }: { readonly client: Client }) {
  const copied = useStore(client.vnc.text);
  const vnc = useStore(client.vnc.state);
  const box = useRef<HTMLTextAreaElement>(null);
  const close = (): void => {
    client.changeView({ clipboard: false });
    client.focusDesktop();
  };

  useEffect(() => {
    const { current } = box;
    if (current === null) return;
    current.value = copied;
    current.select();
  }, [copied]);

  useEffect(() => {
    box.current?.focus();
  }, []);

  if (vnc.phase !== "open") return null;
  return (
    <section
      className={`${styles["panel"]} ${styles["small"]}`}
      data-testid="vnc-clipboard"
      aria-label="Clipboard of the desktop"
      onKeyDown={(event) => {
        if (event.key === "Escape") close();
      }}
    >
      <label>
        <span className={styles["title"]}>Clipboard of the desktop</span>
        <textarea
          ref={box}
          rows={4}
          data-testid="vnc-clipboard-text"
          onChange={({ target }) => client.vnc.paste(target.value)}
        />
      </label>
      <p className={styles["note"]}>Text written here can be pasted on the desktop.</p>
      <button type="button" className={styles["close"]} onClick={close}>
        Close
      </button>
    </section>
  );
}
