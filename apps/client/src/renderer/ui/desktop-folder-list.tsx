// What a folder of the desktop holds, one folder at a time, to be fetched. A part of `files-panel.tsx` and `copied-files.tsx`. From `files/desktop-folder.ts`.

import type { FolderEntry } from "@eglantine/protocol/transfer";
import { type ReactNode, useEffect } from "react";
import type { Client } from "../client.ts";
import type { DesktopFolder } from "../files/desktop-folder.ts";
import { canPickFolder } from "../files/saver.ts";
import { draggable } from "./drag-out.ts";
import styles from "./files-panel.module.css";
import panel from "./panel.module.css";
import { useStore } from "./use-store.ts";
import { useFormats, useSay, useText } from "./use-text.ts";

export interface DesktopFolderListProps {
  readonly client: Client;
  readonly source: DesktopFolder;
  /** Of the outermost folder. */
  readonly title: string;
  readonly label: string;
  readonly testId: string;
}

export function DesktopFolderList({ client, source, title, label, testId }: DesktopFolderListProps) {
  const t = useText("files");
  const say = useSay();
  const { names, listing, trouble } = useStore(source.state);

  useEffect(() => {
    void source.show();
    // Again when something more has come to it.
    let { done } = client.files.queue.state.get();
    const unwatch = client.files.queue.state.watch(() => {
      const before = done;
      ({ done } = client.files.queue.state.get());
      if (done !== before) void source.show();
    });
    return unwatch;
  }, [client, source]);

  return (
    <section aria-label={label} data-testid={testId}>
      <nav className={styles["way"]} aria-label={t("folder")}>
        {[title, ...names].map((name, depth) => (
          <button
            key={`${depth} ${name}`}
            type="button"
            aria-current={depth === names.length}
            onClick={() => void source.show(names.slice(0, depth))}
          >
            {name}
          </button>
        ))}
      </nav>
      {trouble !== undefined && (
        <p className={panel["note"]} data-testid={`${testId}-trouble`} role="status">
          {say(trouble)}
        </p>
      )}
      {listing?.entries.length === 0 && <p className={panel["note"]}>{t("nothing")}</p>}
      <ul className={styles["entries"]}>
        {listing?.entries.map((entry) => (
          <Entry key={entry.name} client={client} source={source} entry={entry} />
        ))}
      </ul>
      {listing?.more === true && <p className={panel["note"]}>{t("more")}</p>}
      {listing?.refused?.map(({ name, why }) => (
        <p key={`${name} ${why}`} className={`${panel["note"]} ${styles["refused"]}`} data-testid="desktop-refused">
          {name === "" ? why : `${name}: ${why}`}
        </p>
      ))}
    </section>
  );
}

interface EntryProps {
  readonly client: Client;
  readonly source: DesktopFolder;
  readonly entry: FolderEntry;
}

function Entry({ client, source, entry }: EntryProps) {
  const system = useText("system");
  const t = useText("files");
  const { bytes, dateTime } = useFormats();
  const { name, kind, sizeBytes, modifiedMs } = entry;
  const { names } = source.state.get();
  const when = dateTime(modifiedMs);
  return (
    <li data-testid="desktop-entry" data-name={name} {...draggable(client, source, entry, system)}>
      <span className={styles["name"]}>
        {kind === "folder" ? (
          <button type="button" onClick={() => void source.show([...names, name])}>
            {name}/
          </button>
        ) : (
          name
        )}
        <span className={panel["note"]}>{kind === "folder" ? when : `${bytes(sizeBytes)}, ${when}`}</span>
      </span>
      {kind === "file" && <Fetch label={t("download-name", { name })} onClick={() => void source.fetchFile(entry)} />}
      {kind === "folder" && canPickFolder() && (
        <Fetch label={t("download-folder", { name })} onClick={() => void source.fetchFolder(entry)} />
      )}
    </li>
  );
}

function Fetch({ label, onClick }: { readonly label: string; readonly onClick: () => void }): ReactNode {
  return (
    <button type="button" className={styles["action"]} aria-label={label} title={label} onClick={onClick}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M8 2.5v7.5M5 7l3 3 3-3M3 13.5h10" />
      </svg>
    </button>
  );
}
