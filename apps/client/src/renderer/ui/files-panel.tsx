// Files for the desktop and from it: choosing them, how far each has come, and what is asked about them. Opened from the toolbar and by a drop. From
// `files/file-queue.ts` and `files/drop-zone.ts`.

import { type ChangeEvent, useEffect, useId, useRef, useState } from "react";
import type { Client } from "../client.ts";
import type { MovingFile } from "../files/file-queue.ts";
import { pickedFiles } from "../files/local-files.ts";
import controls from "./controls.module.css";
import { CopiedFiles } from "./copied-files.tsx";
import { DesktopFolderList } from "./desktop-folder-list.tsx";
import { fileWords, queueWords } from "./file-words.ts";
import styles from "./files-panel.module.css";
import panel from "./panel.module.css";
import { Panel } from "./panel.tsx";
import { useStore } from "./use-store.ts";
import { Around, HERE } from "./around.tsx";
import { useFormats, useSay, useText } from "./use-text.ts";

export function FilesPanel({ client }: { readonly client: Client }) {
  const t = useText("files");
  const tools = useText("tools");
  const formats = useFormats();
  const { files } = useStore(client.connection.facts);
  const queue = useStore(client.files.queue.state);

  const asked = queue.shown.find(({ state }) => state === "asking");

  return (
    // Who dropped or pasted goes on at the desktop.
    <Panel
      client={client}
      title={tools("files")}
      testId="files-panel"
      focus={client.files.queue.state.get().left === 0 ? "header button" : undefined}
    >
      {files?.up === true && (
        <>
          <div className={styles["choose"]}>
            <Choose client={client} label={t("send-files")} />
            <Choose client={client} label={t("send-folder")} folder />
          </div>
          <p className={panel["note"]}>
            <Around text={t("or-drop", { folder: HERE })}>
              <span className={styles["path"]}>{files.folder}</span>
            </Around>
          </p>
        </>
      )}
      {asked !== undefined && <Conflict key={asked.key} client={client} file={asked} />}
      <p className={panel["note"]} role="status" data-testid="files-status">
        {queueWords(queue, { t, formats })}
      </p>
      {queue.shown.length > 0 && (
        <ul className={panel["list"]}>
          {queue.shown.map((file) => (
            <Row key={file.key} client={client} file={file} />
          ))}
        </ul>
      )}
      <CopiedFiles client={client} />
      {files?.down === true && (
        <DesktopFolderList
          client={client}
          source={client.files.folder}
          title={files.folder}
          label={t("on-desktop")}
          testId="desktop-folder"
        />
      )}
      {queue.left === 0 && queue.shown.length > 0 && (
        <footer>
          <button type="button" className={panel["close"]} onClick={() => client.files.queue.clear()}>
            {t("clear")}
          </button>
        </footer>
      )}
    </Panel>
  );
}

/** The browser's own dialog. */
function Choose({ client, label, folder }: { client: Client; label: string; folder?: boolean }) {
  const input = useRef<HTMLInputElement>(null);
  const chosen = ({ target }: ChangeEvent<HTMLInputElement>): void => {
    client.files.send(pickedFiles([...(target.files ?? [])]));
    target.value = "";
  };
  return (
    <>
      <button type="button" className={controls["plain"]} onClick={() => input.current?.click()}>
        {label}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        data-testid={folder === true ? "choose-folder" : "choose-files"}
        onChange={chosen}
        {...(folder === true ? { webkitdirectory: "" } : {})}
      />
    </>
  );
}

function Row({ client, file }: { readonly client: Client; readonly file: MovingFile }) {
  const t = useText("files");
  const say = useSay();
  const formats = useFormats();
  const { key, names, sizeBytes, bytes, state } = file;
  const name = names.join("/");
  const isOver = state === "done" || state === "failed";
  return (
    <li data-testid="file" data-state={state} data-name={name}>
      <span className={styles["row"]}>
        <span>{name}</span>
        <span className={styles["actions"]}>
          {(state === "moving" || state === "waiting") && (
            <Action
              label={t("pause", { name })}
              onClick={() => client.files.queue.pause(key)}
              path="M5.5 4v8M10.5 4v8"
            />
          )}
          {(state === "paused" || state === "failed") && (
            <Action
              label={state === "failed" ? t("try-again", { name }) : t("go-on", { name })}
              onClick={() => client.files.queue.resume(key)}
              path="M5.5 3.5l6 4.5-6 4.5z"
            />
          )}
          {state !== "done" && (
            <Action
              label={t("give-up", { name })}
              onClick={() => client.files.queue.cancel(key)}
              path="M4.5 4.5l7 7m0-7l-7 7"
            />
          )}
        </span>
      </span>
      {!isOver && <progress aria-label={name} max={Math.max(1, sizeBytes)} value={bytes} />}
      <span className={panel["note"]} data-trouble={state === "failed"}>
        {fileWords(file, { t, say, formats })}
      </span>
    </li>
  );
}

function Action({ label, onClick, path }: { label: string; onClick: () => void; path: string }) {
  return (
    <button type="button" className={styles["action"]} aria-label={label} title={label} onClick={onClick}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={path} />
      </svg>
    </button>
  );
}

/** The name is taken: what the user wants. */
function Conflict({ client, file }: { readonly client: Client; readonly file: MovingFile }) {
  const t = useText("files");
  const [all, setAll] = useState(false);
  const first = useRef<HTMLButtonElement>(null);
  const title = useId();
  useEffect(() => first.current?.focus(), []);
  const answer = (how: "replace" | "keep" | "skip") => () => client.files.queue.answer(file.key, how, all);
  return (
    <div role="group" aria-labelledby={title} className={styles["conflict"]} data-testid="file-conflict">
      <p id={title}>
        <Around text={t("there-already", { name: HERE })}>
          <strong>{file.names.join("/")}</strong>
        </Around>
      </p>
      <div className={styles["choose"]}>
        <button ref={first} type="button" className={controls["plain"]} onClick={answer("keep")}>
          {t("keep-both")}
        </button>
        <button type="button" className={controls["plain"]} onClick={answer("replace")}>
          {t("replace")}
        </button>
        <button type="button" className={controls["plain"]} onClick={answer("skip")}>
          {t("skip")}
        </button>
      </div>
      <label>
        <input type="checkbox" checked={all} onChange={({ target }) => setAll(target.checked)} />
        {t("same-for-all")}
      </label>
    </div>
  );
}

/** While files hang over the desktop. */
export function DropHint({ client }: { readonly client: Client }) {
  const t = useText("files");
  const over = useStore(client.files.dropZone.over);
  const { files } = useStore(client.connection.facts);
  if (!over) return null;
  return (
    <div className={styles["drop"]} data-testid="drop-hint">
      <span>{t("drop-to-send", { folder: files?.folder ?? "" })}</span>
    </div>
  );
}
