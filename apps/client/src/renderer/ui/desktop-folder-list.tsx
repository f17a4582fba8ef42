// What the desktop's folder for files holds, one folder at a time, to be fetched. A part of `files-panel.tsx`. From `files/desktop-folder.ts`.

import type { FolderEntry } from "@eglantine/protocol/transfer";
import { type ReactNode, useEffect } from "react";
import type { Client } from "../client.ts";
import { canPickFolder } from "../files/saver.ts";
import { sizeIn } from "./clipboard-words.ts";
import styles from "./files-panel.module.css";
import panel from "./panel.module.css";
import { useStore } from "./use-store.ts";

export function DesktopFolderList({ client, folder }: { readonly client: Client; readonly folder: string }) {
  const { names, listing, trouble } = useStore(client.desktopFolder.state);

  useEffect(() => {
    void client.desktopFolder.show();
    // Again when something more has come to it.
    let { done } = client.files.state.get();
    const unwatch = client.files.state.watch(() => {
      const before = done;
      ({ done } = client.files.state.get());
      if (done !== before) void client.desktopFolder.show();
    });
    return unwatch;
  }, [client]);

  return (
    <section aria-label="Files on the desktop" data-testid="desktop-folder">
      <nav className={styles["way"]} aria-label="Folder">
        {[folder, ...names].map((name, depth) => (
          <button
            key={`${depth} ${name}`}
            type="button"
            aria-current={depth === names.length}
            onClick={() => void client.desktopFolder.show(names.slice(0, depth))}
          >
            {name}
          </button>
        ))}
      </nav>
      {trouble !== undefined && (
        <p className={panel["note"]} data-testid="desktop-folder-trouble" role="status">
          {trouble}
        </p>
      )}
      {listing?.entries.length === 0 && <p className={panel["note"]}>There is nothing in it.</p>}
      <ul className={styles["entries"]}>
        {listing?.entries.map((entry) => (
          <Entry key={entry.name} client={client} entry={entry} />
        ))}
      </ul>
      {listing?.more === true && <p className={panel["note"]}>There are more, which are not listed.</p>}
    </section>
  );
}

function Entry({ client, entry }: { readonly client: Client; readonly entry: FolderEntry }) {
  const { name, kind, sizeBytes, modifiedMs } = entry;
  const { names } = client.desktopFolder.state.get();
  const when = new Date(modifiedMs).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  return (
    <li data-testid="desktop-entry" data-name={name}>
      <span className={styles["name"]}>
        {kind === "folder" ? (
          <button type="button" onClick={() => void client.desktopFolder.show([...names, name])}>
            {name}/
          </button>
        ) : (
          name
        )}
        <span className={panel["note"]}>{kind === "folder" ? when : `${sizeIn(sizeBytes)}, ${when}`}</span>
      </span>
      {kind === "file" && (
        <Fetch label={`Download ${name}`} onClick={() => void client.desktopFolder.fetchFile(entry)} />
      )}
      {kind === "folder" && canPickFolder() && (
        <Fetch label={`Download the folder ${name}`} onClick={() => void client.desktopFolder.fetchFolder(entry)} />
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
