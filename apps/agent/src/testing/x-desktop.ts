// The agent's X11 side on a server of a test's own, as `agent.ts` builds it on a display that was there before.

import { createLog } from "../log.ts";
import { XDesktop, type XDesktopOptions } from "../x11/desktop.ts";

export const testDesktop = (display: string, more: Partial<XDesktopOptions> = {}): XDesktop =>
  new XDesktop({
    display,
    xauthority: "/nonexistent",
    dpi: 96,
    rateHz: 60,
    own: false,
    scale: "off",
    maxSize: { widthPx: 7680, heightPx: 4320 },
    tellDesktop: () => undefined,
    log: createLog("silent"),
    ...more,
  });
