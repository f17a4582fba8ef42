// How large a desktop to ask for, and how large programs are to draw themselves on it, of what the user chose and the screen here has.
// PURE. Used by `view.ts`; chosen in `ui/scale-settings.tsx`.

import { nearestScale } from "@eglantine/protocol/scale";
import type { DesktopScale } from "../../shared/settings.ts";
import { type SizePx, wantedDisplay } from "./place.ts";

export interface WantedDesktop extends SizePx {
  readonly scale: number;
}

/**
 * `screen`: every device pixel, and programs as large as this page's own. `smaller`: CSS pixels, which the picture is enlarged from. A number:
 * every device pixel, and programs so large. The page's zoom is a part of `devicePixelRatio`: who zooms in wants things larger.
 */
export function wantedDesktop(
  stageCss: { readonly width: number; readonly height: number },
  devicePixelRatio: number,
  choice: DesktopScale,
  limits: { readonly displayMinPx: number; readonly displayMaxPx: number },
): WantedDesktop {
  const ratio = choice === "smaller" ? Math.min(1, devicePixelRatio) : devicePixelRatio;
  const scale = choice === "smaller" ? 1 : choice === "screen" ? nearestScale(devicePixelRatio) : choice;
  return { ...wantedDisplay(stageCss, ratio, limits), scale };
}
