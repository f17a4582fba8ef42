// The list of desktops as a file: writes one, reads one, and asks what to do with those that are called otherwise here. Part of `desktops-place.tsx`; what is in
// it is `main/desktops/exchange.ts`'s.

import { type ChangeEvent, useRef, useState } from "react";
import type { Bridge } from "../../../shared/bridge.ts";
import type { DesktopReason, ImportedDesktops } from "../../../shared/desktops.ts";
import controls from "../controls.module.css";
import { useFormats, useText } from "../use-text.ts";
import styles from "./desktops.module.css";

const FILE_NAME = "eglantine-desktops.json";

type Read =
  | { readonly text: string; readonly told: ImportedDesktops; readonly replaced: boolean }
  | { readonly reason: DesktopReason };

interface DesktopFileProps {
  readonly bridge: Bridge;
  readonly onChange: () => Promise<void>;
}

export function DesktopFile({ bridge, onChange }: DesktopFileProps) {
  const t = useText("home");
  const input = useRef<HTMLInputElement>(null);
  const [read, setRead] = useState<Read>();

  const save = async (): Promise<void> => {
    const blob = new Blob([await bridge.exportDesktops()], { type: "application/json" });
    const url = URL.createObjectURL(blob);
    Object.assign(document.createElement("a"), { href: url, download: FILE_NAME }).click();
    // The browser has its own hold on it once the download has begun.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  };
  const take = async (text: string, replace: boolean): Promise<void> => {
    const outcome = await bridge.importDesktops({ text, replace });
    setRead("ok" in outcome ? { text, told: outcome.ok, replaced: replace } : { reason: outcome.failed.reason });
    await onChange();
  };
  const choose = async ({ target }: ChangeEvent<HTMLInputElement>): Promise<void> => {
    const [file] = target.files ?? [];
    if (file === undefined) return;
    const text = await file.text();
    // The same file may be chosen again.
    target.value = "";
    await take(text, false);
  };

  return (
    <>
      <input
        ref={input}
        type="file"
        accept="application/json,.json"
        hidden
        data-testid="import-file"
        onChange={(event) => void choose(event)}
      />
      <button type="button" className={controls["plain"]} data-testid="import" onClick={() => input.current?.click()}>
        {t("import")}
      </button>
      <button type="button" className={controls["plain"]} data-testid="export" onClick={() => void save()}>
        {t("export")}
      </button>
      {read !== undefined && (
        <div className={styles["told"]} role="status" data-testid="import-told">
          {"reason" in read ? (
            <p>
              {t(`failed.${read.reason}`)} {t(`remedy.${read.reason}`)}
            </p>
          ) : (
            <Told read={read} onReplace={() => void take(read.text, true)} />
          )}
          <button type="button" className={controls["plain"]} onClick={() => setRead(undefined)}>
            {t("close")}
          </button>
        </div>
      )}
    </>
  );
}

function Told({ read, onReplace }: { readonly read: Extract<Read, { text: string }>; readonly onReplace: () => void }) {
  const t = useText("home");
  const formats = useFormats();
  const { added, same, differing } = read.told;
  return (
    <>
      <p>
        {t("imported", { added, same })}
        {differing.length > 0 &&
          ` ${t(read.replaced ? "import-replaced" : "import-differing", { names: formats.list(differing) })}`}
      </p>
      {differing.length > 0 && !read.replaced && (
        <button type="button" className={controls["plain"]} data-testid="import-replace" onClick={onReplace}>
          {t("import-replace")}
        </button>
      )}
    </>
  );
}
