// The answers to the calls of `shared/system.ts`: takes nothing that the page never sends. What they do is `notifications.ts`'s, `power-hold.ts`'s,
// `copied-files.ts`'s, and of Electron's windows what `main.ts` hands in. Joined by `bridge.ts`.

import { z } from "zod";
import { LIMITS } from "@eglantine/protocol/limits";
import type { Answers } from "../shared/bridge-call.ts";
import type { SYSTEM_CALLS } from "../shared/system.ts";
import type { CopiedFiles } from "./copied-files.ts";
import type { Notifications } from "./notifications.ts";
import type { PowerHold } from "./power-hold.ts";
import { readParameter } from "./read-parameter.ts";

/** What is done to the window that asks. */
export interface WindowActions {
  holdKeys(window: number, held: boolean): void;
  /** Files of this computer, by their paths. */
  startDrag(window: number, paths: readonly string[]): void;
  countFreeScreens(window: number): number;
}

export interface SystemParts {
  readonly notifications: Pick<Notifications, "show">;
  readonly power: Pick<PowerHold, "set">;
  readonly copied: Pick<CopiedFiles, "paths">;
  readonly windows: WindowActions;
}

const title = z.string().max(LIMITS.notificationTitleChars);
const notification = z.strictObject({ program: title, title, body: z.string().max(LIMITS.notificationBodyChars) });
const streaming = z.strictObject({ on: z.boolean() });
const keys = z.strictObject({ held: z.boolean() });

export function systemAnswers({ notifications, power, copied, windows }: SystemParts): Answers<typeof SYSTEM_CALLS> {
  return {
    showNotification: (parameter, { window }) => notifications.show(readParameter(notification, parameter), window),
    setStreaming: (parameter, { window }) => power.set(window, readParameter(streaming, parameter).on),
    holdKeys: (parameter, { window }) => windows.holdKeys(window, readParameter(keys, parameter).held),
    dragFiles: async (parameter, { window }) => windows.startDrag(window, await copied.paths(parameter)),
    countFreeScreens: (_parameter, { window }) => windows.countFreeScreens(window),
  };
}
