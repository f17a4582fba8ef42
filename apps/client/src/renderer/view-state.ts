// How the desktop is shown in this visit, and what stands over it: the address's wishes before the stored ones. PURE but for the look at what
// points here. Kept by `client.ts`, shown by `ui/`.

import type { DesktopScale, Settings } from "../shared/settings.ts";
import type { PageOptions } from "./page-options.ts";
import type { Scale } from "./video/place.ts";

/** What the toolbar opens at the edge of the window, one at a time. */
export type PanelName =
  | "clipboard"
  | "doctor"
  | "files"
  | "gamepads"
  | "keyboard"
  | "pointer"
  | "settings"
  | "all-settings";

export interface ViewState {
  readonly scale: Scale;
  /** The desktop takes the window's size, where the agent allows it. */
  readonly resize: boolean;
  /** How large programs on the desktop draw themselves. */
  readonly desktopScale: DesktopScale;
  readonly stats: boolean;
  readonly toolbar: boolean;
  readonly panel: PanelName | undefined;
  /** The row of keys is shown, where there are hands. */
  readonly keyRow: boolean;
  readonly locked: boolean;
}

export function initialView(settings: Settings, options: PageOptions): ViewState {
  const { scale, resize, desktopScale, stats } = { ...settings, ...options };
  const { keyRow } = settings;
  return {
    scale,
    resize,
    desktopScale,
    stats,
    toolbar: false,
    panel: undefined,
    keyRow: keyRow === "on" || (keyRow === "auto" && matchMedia("(pointer: coarse)").matches),
    locked: false,
  };
}

/** The settings have changed: they count where this visit's address says nothing. */
export function renewedView(view: ViewState, settings: Settings, options: PageOptions): ViewState {
  const { scale, resize, desktopScale, stats, keyRow } = initialView(settings, {});
  return {
    ...view,
    desktopScale,
    keyRow,
    ...(options.scale === undefined ? { scale } : {}),
    ...(options.resize === undefined ? { resize } : {}),
    ...(options.stats === undefined ? { stats } : {}),
  };
}
