// Which of the viewer's screens this window is on, for the arrangement of the desktop's monitors. To the agent by `monitor-windows.ts`.

import type { ViewerControl } from "@eglantine/protocol/control";
import { LIMITS } from "@eglantine/protocol/limits";

export type ViewerScreen = Omit<Extract<ViewerControl, { type: "screen" }>, "type">;

/** Not standard, and everywhere: where the part of the screen without bars begins. */
interface PlacedScreen extends Screen {
  readonly availLeft?: number;
  readonly availTop?: number;
}

export function viewerScreen(): ViewerScreen {
  const { availLeft = 0, availTop = 0, width, height } = window.screen as PlacedScreen;
  return { left: place(availLeft), top: place(availTop), width: length(width), height: length(height) };
}

export function isSameScreen(one: ViewerScreen, other: ViewerScreen): boolean {
  return one.left === other.left && one.top === other.top && one.width === other.width && one.height === other.height;
}

function place(value: number): number {
  return Math.max(-LIMITS.viewerScreen, Math.min(LIMITS.viewerScreen, Math.round(value)));
}

function length(value: number): number {
  return Math.max(1, place(value));
}
