// What the page asks of this computer's system by way of the shell, and what the shell tells of it. TABLES of calls and events, joined by `bridge.ts`;
// answered by `main/system-answers.ts`.

import { bareCall, call, event } from "./bridge-call.ts";

/** As the desktop's program said it; see control `notification`. */
export interface ShownNotification {
  readonly program: string;
  readonly title: string;
  readonly body: string;
}

export const SYSTEM_CALLS = {
  showNotification: call<[notification: ShownNotification], void>(
    "eglantine:show-notification",
    "Shows a notification of the desktop as the system's own; a click on it brings the window that asked to the front.",
  ),
  setStreaming: call<[streaming: { readonly on: boolean }], void>(
    "eglantine:set-streaming",
    "This window shows a desktop, or no more: meanwhile the computer's screen stays on.",
  ),
  holdKeys: call<[keys: { readonly held: boolean }], void>(
    "eglantine:hold-keys",
    "The application's own menu keeps its keys from this window's page, or has them again.",
  ),
  dragFiles: call<[set: string], void>(
    "eglantine:drag-files",
    "Begins to drag files that were put by `storeFile` out of the window, with the button that is held down now.",
  ),
  countFreeScreens: bareCall<number>(
    "eglantine:count-free-screens",
    "How many of this computer's screens show no window of this window's desktop.",
  ),
} as const;

export const SYSTEM_EVENTS = {
  resumed: event<undefined>(
    "eglantine:resumed",
    "The computer woke up, or was unlocked: connections may have died meanwhile.",
  ),
} as const;
