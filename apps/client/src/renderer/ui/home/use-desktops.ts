// What the cards of the home show, asked of the shell: the list; of each card its last picture, and how its desktop is, while somebody sees it. For
// `desktops-place.tsx` and `desktop-card.tsx`.

import { type RefObject, useCallback, useEffect, useState } from "react";
import type { Bridge } from "../../../shared/bridge.ts";
import type { DesktopState, SavedDesktop } from "../../../shared/desktops.ts";

/** So often a card that is seen asks again; of a desktop that is not there, or can't be asked, less and less often. */
const PROBE_EVERY_MS = 10_000;
const PROBE_EVERY_MS_MAX = 120_000;
const RARELY: ReadonlySet<string> = new Set<DesktopState["condition"]>([
  "away",
  "cluster-away",
  "engine-away",
  "gone",
  "unknown",
]);

/** The list, undefined until it is here, when that was, where a damaged one was put, and how to ask for it again. */
export function useDesktops(bridge: Bridge): {
  readonly desktops: readonly SavedDesktop[] | undefined;
  readonly atMs: number;
  readonly damaged: string | undefined;
  readonly reload: () => Promise<void>;
} {
  const [list, setList] = useState<{ readonly desktops?: readonly SavedDesktop[]; readonly atMs: number }>({ atMs: 0 });
  const [damaged, setDamaged] = useState<string>();
  const reload = useCallback(
    () =>
      Promise.all([
        bridge.listDesktops().then((desktops) => setList({ desktops, atMs: Date.now() })),
        bridge.damagedList().then(setDamaged),
      ]).then(() => undefined),
    [bridge],
  );
  useEffect(() => {
    void reload();
    // Another window may have changed it.
    const again = (): void => void reload();
    window.addEventListener("focus", again);
    return () => window.removeEventListener("focus", again);
  }, [reload]);
  return { desktops: list.desktops, atMs: list.atMs, damaged, reload };
}

export function usePicture(bridge: Bridge, id: string): string | undefined {
  const [picture, setPicture] = useState<string>();
  useEffect(() => void bridge.readPicture(id).then(setPicture), [bridge, id]);
  return picture;
}

/** Undefined until it is known. Asked for again and again while the card is in sight and the page is shown. */
export function useDesktopState(bridge: Bridge, id: string, card: RefObject<Element | null>): DesktopState | undefined {
  const [state, setState] = useState<DesktopState>();
  useEffect(() => {
    if (card.current === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    /** Another look has begun meanwhile, or none is wanted any more. */
    let round = 0;
    let isInSight = false;
    let everyMs = PROBE_EVERY_MS;
    const look = async (): Promise<void> => {
      clearTimeout(timer);
      const mine = ++round;
      if (!isInSight || document.hidden) return;
      const found = await bridge.probeDesktop(id);
      if (mine !== round) return;
      setState(found);
      timer = setTimeout(() => void look(), everyMs);
      everyMs = RARELY.has(found.condition) ? Math.min(2 * everyMs, PROBE_EVERY_MS_MAX) : PROBE_EVERY_MS;
    };
    const shown = (): void => {
      everyMs = PROBE_EVERY_MS;
      void look();
    };
    const sight = new IntersectionObserver((entries) => {
      isInSight = entries.at(-1)?.isIntersecting === true;
      shown();
    });
    sight.observe(card.current);
    document.addEventListener("visibilitychange", shown);
    return () => {
      round += 1;
      clearTimeout(timer);
      sight.disconnect();
      document.removeEventListener("visibilitychange", shown);
    };
  }, [bridge, id, card]);
  return state;
}
