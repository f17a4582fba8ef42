// The clipboard as a panel: what the desktop's holds, whether it is on this computer's too and why not, and a text box for browsers that do not
// let a page at theirs. noVNC has a clipboard of its own, text alone, and the same panel. Next: `clipboard/clipboard-link.ts`, `vnc/vnc-path.ts`.

import { useEffect, useRef } from "react";
import type { ClipboardState } from "../clipboard/clipboard-link.ts";
import type { Client } from "../client.ts";
import { clipboardWords } from "./clipboard-words.ts";
import controls from "./controls.module.css";
import styles from "./panel.module.css";
import { Panel } from "./panel.tsx";
import { useStore } from "./use-store.ts";
import { useFormats, useSay, useText } from "./use-text.ts";

export function ClipboardPanel({ client }: { readonly client: Client }) {
  const t = useText("clipboard");
  const tools = useText("tools");
  const vnc = useStore(client.vnc.state);
  const vncText = useStore(client.vnc.text);
  const state = useStore(client.clipboard.state);
  const { clipboard } = useStore(client.connection.facts);
  const box = useRef<HTMLTextAreaElement>(null);
  const ofVnc = vnc.phase === "open";
  const copied = ofVnc ? vncText : (state.text ?? "");
  const send = (): void => {
    const text = box.current?.value ?? "";
    if (text === "") return;
    if (ofVnc) client.vnc.paste(text);
    else client.clipboard.sendText(text);
  };

  useEffect(() => {
    const { current } = box;
    if (current === null) return;
    current.value = copied;
    current.select();
  }, [copied]);

  const mayPut = ofVnc || clipboard?.in === true;
  return (
    <Panel client={client} title={tools("clipboard")} testId="clipboard-panel" focus="textarea" small>
      {!ofVnc && clipboard?.out === true && <Held client={client} state={state} />}
      <label>
        <span className={styles["note"]}>{mayPut ? t("text-for") : t("text-of")}</span>
        <textarea ref={box} rows={4} data-testid="clipboard-text" readOnly={!mayPut} />
      </label>
      {mayPut && (
        <footer>
          <button type="button" className={controls["plain"]} data-testid="clipboard-send" onClick={send}>
            {t("send")}
          </button>
        </footer>
      )}
    </Panel>
  );
}

/** What it holds, and whether that is here. */
function Held({ client, state }: { readonly client: Client; readonly state: ClipboardState }) {
  const t = useText("clipboard");
  const { what, where, canBring } = clipboardWords(state, { t, say: useSay(), formats: useFormats() });
  return (
    <div role="status">
      <p className={styles["held"]} data-testid="clipboard-holds">
        {what}
      </p>
      <p className={styles["note"]} data-testid="clipboard-here" data-here={state.here}>
        {where}
      </p>
      {canBring && (
        <button
          type="button"
          className={controls["plain"]}
          data-testid="clipboard-bring"
          onClick={() => client.clipboard.bring()}
        >
          {t("copy-here")}
        </button>
      )}
    </div>
  );
}
