// What the tray's menu holds: the desktops used last, home, quit. PURE. Made by `main.ts` anew when the list changes, shown by `tray.ts`.

import type { SavedDesktop } from "../shared/desktops.ts";

export type TrayAction =
  | { readonly kind: "desktop"; readonly id: string }
  | { readonly kind: "home" }
  | { readonly kind: "quit" };

/** Undefined: a line between two groups. */
export type TrayEntry = { readonly label: string; readonly action: TrayAction } | undefined;

export interface TrayWords {
  readonly home: string;
  readonly quit: string;
}

/** Further ones are at home. */
const DESKTOPS = 8;
const LABEL_CHARS = 60;

export function trayMenu(
  desktops: readonly Pick<SavedDesktop, "id" | "name" | "lastUsedMs">[],
  words: TrayWords,
): readonly TrayEntry[] {
  const used = [...desktops].sort((one, other) => other.lastUsedMs - one.lastUsedMs).slice(0, DESKTOPS);
  const entries = used.map(({ id, name }): TrayEntry => ({ label: labelOf(name), action: { kind: "desktop", id } }));
  return [
    ...entries,
    ...(entries.length > 0 ? [undefined] : []),
    { label: words.home, action: { kind: "home" } },
    { label: words.quit, action: { kind: "quit" } },
  ];
}

/** Systems take an ampersand for a mark of the letter behind it. */
function labelOf(name: string): string {
  const short = name.length <= LABEL_CHARS ? name : `${name.slice(0, LABEL_CHARS - 1)}…`;
  return short.replaceAll("&", "&&");
}

export interface LastWindowClosed {
  readonly platform: NodeJS.Platform;
  /** The user's setting. */
  readonly keepInTray: boolean;
  /** Something shows the icon. */
  readonly trayHost: boolean;
}

/** The last window was closed. What nobody could reach any more ends. */
export function afterLastWindow({ platform, keepInTray, trayHost }: LastWindowClosed): "stay" | "quit" {
  if (platform === "darwin") return "stay";
  return keepInTray && trayHost ? "stay" : "quit";
}
