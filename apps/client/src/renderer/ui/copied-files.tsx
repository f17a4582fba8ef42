// Files that were copied on the desktop, to be fetched: a notice when they are, and their place in the panel of files. From `clipboard/clipboard-link.ts`
// and `files/desktop-folder.ts`. Parts of `desktop-tools.tsx` and `files-panel.tsx`.

import { useEffect, useState } from "react";
import type { Client } from "../client.ts";
import { canPickFolder } from "../files/saver.ts";
import { copiedWords } from "./clipboard-words.ts";
import controls from "./controls.module.css";
import { DesktopFolderList } from "./desktop-folder-list.tsx";
import { Dismiss } from "./dismiss.tsx";
import styles from "./toolbar.module.css";
import { useStore } from "./use-store.ts";
import { useText } from "./use-text.ts";

const SHOWN_MS = 12_000;

/** Goes by itself: they stay in the panel. */
export function CopiedNotice({ client }: { readonly client: Client }) {
  const t = useText("clipboard");
  const { copied, names } = useStore(client.clipboard.state);
  const { panel } = useStore(client.view);
  const [gone, setGone] = useState<string>();
  const id = copied?.id;
  useEffect(() => {
    if (id === undefined) return;
    const timer = setTimeout(() => setGone(id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [id]);
  if (copied === undefined || id === gone || panel === "files") return null;
  return (
    <div className={styles["notice"]} data-level="info" data-testid="copied-notice" role="status">
      <span>{copiedWords(copied, names, t)}</span>
      {copied.count > 0 && (
        <button
          type="button"
          className={styles["act"]}
          data-testid="copied-fetch"
          onClick={() => void client.files.fetchCopied()}
        >
          {client.files.copiesFiles ? t("copy-here") : t("download")}
        </button>
      )}
      <Dismiss
        onClick={() => {
          setGone(id);
          client.focusDesktop();
        }}
      />
    </div>
  );
}

export function CopiedFiles({ client }: { readonly client: Client }) {
  const t = useText("clipboard");
  const { copied } = useStore(client.clipboard.state);
  const { listing } = useStore(client.files.copied.state);
  const isWhole = canPickFolder() || listing?.entries.every(({ kind }) => kind === "file") === true;
  if (copied === undefined) return null;
  return (
    <>
      <DesktopFolderList
        // Another list is another place.
        key={copied.id}
        client={client}
        source={client.files.copied}
        title={t("copied-title")}
        label={t("copied-label")}
        testId="copied-files"
      />
      {(listing?.entries.length ?? 0) > 1 && (
        <button
          type="button"
          className={controls["plain"]}
          data-testid="copied-fetch-all"
          onClick={() => void client.files.copied.fetchAll()}
        >
          {isWhole ? t("download-all") : t("download-files")}
        </button>
      )}
    </>
  );
}
