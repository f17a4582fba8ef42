// The saved desktops as cards: searched, opened, changed and removed, with the keyboard alone where that is wished. A place of `places.ts`; asks the shell by
// the calls of `shared/desktops.ts`.

import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { SavedDesktop } from "../../../shared/desktops.ts";
import controls from "../controls.module.css";
import { useText } from "../use-text.ts";
import { DesktopCard } from "./desktop-card.tsx";
import { DesktopFile } from "./desktop-file.tsx";
import styles from "./desktops.module.css";
import { EditDialog } from "./edit-dialog.tsx";
import { hasPlace, type PlaceProps } from "./places.ts";
import { isFound } from "./target-words.ts";
import { useDesktops } from "./use-desktops.ts";

export function DesktopsPlace({ bridge }: PlaceProps) {
  const t = useText("home");
  const { desktops, atMs, damaged, reload } = useDesktops(bridge);
  const [search, setSearch] = useState("");
  const [edited, setEdited] = useState<SavedDesktop>();
  const [removed, setRemoved] = useState<SavedDesktop>();
  const searchField = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const addLink = useRef<HTMLAnchorElement>(null);
  /** What gets the focus once another list than this one is shown. */
  const focusNext = useRef<{ readonly behind: unknown; find(): HTMLElement | null | undefined }>(undefined);
  const found = desktops?.filter((one) => isFound(one, search.trim())) ?? [];

  // The way to a desktop that was open in this window is not needed here.
  useEffect(() => void bridge.closeDesktop(), [bridge]);
  useEffect(() => () => void bridge.stopProbing(), [bridge]);

  useEffect(() => {
    const toSearch = (event: globalThis.KeyboardEvent): void => {
      const isFind = event.key.toLowerCase() === "f" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
      const isSlash = event.key === "/" && !(event.target instanceof HTMLInputElement);
      if (searchField.current === null || (!isFind && !isSlash)) return;
      event.preventDefault();
      searchField.current.select();
    };
    window.addEventListener("keydown", toSearch);
    return () => window.removeEventListener("keydown", toSearch);
  }, []);

  useEffect(() => {
    if (focusNext.current === undefined || focusNext.current.behind === desktops) return;
    focusNext.current.find()?.focus();
    focusNext.current = undefined;
  });

  const cards = (): HTMLElement[] => [...(list.current?.querySelectorAll<HTMLElement>("[data-card]") ?? [])];

  const remove = async (desktop: SavedDesktop): Promise<void> => {
    const at = found.findIndex(({ id }) => id === desktop.id);
    await bridge.removeDesktop(desktop.id);
    setRemoved(desktop);
    // The card that has taken its place; of an empty list the way to add one.
    const find = (): HTMLElement | null | undefined => cards()[Math.min(at, found.length - 2)] ?? addLink.current;
    focusNext.current = { behind: desktops, find };
    await reload();
  };
  const restore = async (desktop: SavedDesktop): Promise<void> => {
    await bridge.restoreDesktop(desktop.id);
    setRemoved(undefined);
    focusNext.current = { behind: desktops, find: () => cardOf(list.current, desktop.id) };
    await reload();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const here = event.target instanceof Element ? event.target.closest<HTMLElement>("li[data-id]") : null;
    const desktop = found.find(({ id }) => id === here?.dataset["id"]);
    if (event.key === "F2" && desktop !== undefined) setEdited(desktop);
    else if (event.key === "Delete" && desktop !== undefined) void remove(desktop);
    else if (isArrow(event.key) && event.target instanceof HTMLAnchorElement) {
      const all = cards();
      const next = all[neighbour(all, all.indexOf(event.target), event.key)];
      if (next === undefined && event.key === "ArrowUp") searchField.current?.focus();
      next?.focus();
    } else return;
    event.preventDefault();
  };

  return (
    <>
      <div className={styles["head"]}>
        <h1>{t("place-desktops")}</h1>
        <div className={styles["bar"]}>
          <a ref={addLink} className={`${controls["primary"]} ${styles["add"]}`} href="#/add" data-testid="add-desktop">
            {t("place-add")}
          </a>
          <DesktopFile bridge={bridge} onChange={reload} />
        </div>
      </div>
      {damaged !== undefined && (
        <div className={styles["told"]} role="status" data-testid="damaged">
          <p>{t("damaged", { file: damaged })}</p>
          <button
            type="button"
            className={controls["plain"]}
            onClick={() => void bridge.sawDamagedList().then(() => reload())}
          >
            {t("close")}
          </button>
        </div>
      )}
      {removed !== undefined && (
        <div className={styles["told"]} role="status" data-testid="removed">
          <p>{t("removed", { name: removed.name })}</p>
          <button type="button" className={controls["plain"]} data-testid="undo" onClick={() => void restore(removed)}>
            {t("undo")}
          </button>
          <button type="button" className={controls["plain"]} onClick={() => setRemoved(undefined)}>
            {t("close")}
          </button>
        </div>
      )}
      {desktops !== undefined && desktops.length === 0 && (
        <div className={styles["empty"]} data-testid="no-desktops">
          <h2>{t("empty-title")}</h2>
          <p>{t("empty-text")}</p>
          {hasPlace("launch") && (
            <p>
              <a href="#/launch">{t("launch-instead")}</a>
            </p>
          )}
        </div>
      )}
      {desktops !== undefined && desktops.length > 0 && (
        <>
          <label className={`${controls["field"]} ${styles["search"]}`}>
            <span className={controls["spoken"]}>{t("search")}</span>
            <input
              ref={searchField}
              type="search"
              data-testid="search"
              value={search}
              placeholder={t("search")}
              onChange={(event) => setSearch(event.target.value)}
              onKeyDown={(event) => {
                if (event.key !== "ArrowDown") return;
                event.preventDefault();
                cards()[0]?.focus();
              }}
              autoComplete="off"
              spellCheck={false}
            />
          </label>
          <p className={search === "" ? controls["spoken"] : styles["count"]} role="status" data-testid="found">
            {search === "" ? "" : t("found", { count: found.length })}
          </p>
          <ul ref={list} className={styles["cards"]} onKeyDown={onKeyDown}>
            {found.map((desktop) => (
              <DesktopCard
                key={desktop.id}
                bridge={bridge}
                desktop={desktop}
                nowMs={atMs}
                onEdit={() => setEdited(desktop)}
                onRemove={() => void remove(desktop)}
              />
            ))}
          </ul>
          <p className={styles["keys"]}>{t("keys")}</p>
        </>
      )}
      {edited !== undefined && (
        <EditDialog
          key={edited.id}
          bridge={bridge}
          desktop={edited}
          onClose={() => {
            setEdited(undefined);
            focusNext.current = { behind: desktops, find: () => cardOf(list.current, edited.id) };
            void reload();
          }}
        />
      )}
    </>
  );
}

const isArrow = (key: string): boolean => /^Arrow(?:Left|Right|Up|Down)$/.test(key);

function cardOf(list: HTMLElement | null, id: string): HTMLElement | null | undefined {
  return list?.querySelector<HTMLElement>(`li[data-id="${id}"] [data-card]`);
}

/** Where an arrow key leads among cards in rows; beyond the ends: nowhere. */
function neighbour(cards: readonly HTMLElement[], at: number, key: string): number {
  const tops = cards.map((card) => Math.round(card.getBoundingClientRect().top));
  const columns = Math.max(1, tops.filter((top) => top === tops[0]).length);
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key] ?? 0;
  const next = at + step;
  // The last row may be shorter.
  return key === "ArrowDown" && next >= cards.length && tops[at] !== tops.at(-1) ? cards.length - 1 : next;
}
