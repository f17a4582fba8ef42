// What the page may ask of the Electron shell, and what the shell tells it. TABLES of calls and events → the type of `window.eglantine`, the
// preload's object and the shell's answers (`main/bridge.ts`). In a plain browser there is no bridge and the page does without.

import { bareCall, call, type Calls, event, type EventDefinition } from "./bridge-call.ts";
import { DESKTOP_CALLS, type DesktopProgress } from "./desktops.ts";
import { QUESTION_CALLS, QUESTION_EVENTS } from "./questions.ts";
import { SYSTEM_CALLS, SYSTEM_EVENTS } from "./system.ts";
import { LAUNCHER_CALLS, LAUNCHER_EVENTS } from "./launcher.ts";
import { TRUST_CALLS } from "./trust.ts";
import { KUBERNETES_CALLS, KUBERNETES_EVENTS } from "./kubernetes.ts";

// Settings travel as unknown: `readSettings` of `settings.ts` reads them on both sides.
const SETTINGS_CALLS = {
  readSettings: bareCall<unknown>("eglantine:read-settings", "The stored settings."),
  writeSettings: call<[changes: unknown], void>(
    "eglantine:write-settings",
    "Stores the settings given, beside the others.",
  ),
} as const;

const CLIPBOARD_CALLS = {
  // `readShellClipboard` of `clipboard.ts` reads it.
  readClipboard: bareCall<unknown>(
    "eglantine:read-clipboard",
    "What this computer's clipboard holds: text, HTML, a picture.",
  ),
  writeClipboard: call<[content: unknown], void>(
    "eglantine:write-clipboard",
    "Puts that on this computer's clipboard.",
  ),
  // A piece of a file: `readCopiedPiece` of `copied.ts`.
  storeFile: call<[piece: unknown], void>(
    "eglantine:store-file",
    "Writes a piece of a file that was copied on the desktop, below a temporary folder of the application.",
  ),
  copyFiles: call<[set: unknown], unknown>(
    "eglantine:copy-files",
    "Puts such files on this computer's clipboard, as files. Answers `clipboard` or `folder`: see `CopiedTo` of `copied.ts`.",
  ),
  dropFiles: call<[set: unknown], void>("eglantine:drop-files", "Forgets such files."),
  tellPaste: bareCall<void>(
    "eglantine:tell-paste",
    "Lets the page have a paste event, which alone brings it the files of this computer's clipboard.",
  ),
} as const;

export const BRIDGE = {
  ...SETTINGS_CALLS,
  ...CLIPBOARD_CALLS,
  ...DESKTOP_CALLS,
  ...SYSTEM_CALLS,
  ...LAUNCHER_CALLS,
  ...QUESTION_CALLS,
  ...TRUST_CALLS,
  ...KUBERNETES_CALLS,
} as const;

export const EVENTS = {
  ...SYSTEM_EVENTS,
  desktopProgress: event<DesktopProgress>(
    "eglantine:desktop-progress",
    "What is done on the way to a saved desktop that this window asked for.",
  ),
  ...LAUNCHER_EVENTS,
  ...QUESTION_EVENTS,
  ...KUBERNETES_EVENTS,
} as const;

export type CallName = keyof typeof BRIDGE;
export type EventName = keyof typeof EVENTS;

export type EventPayload<Name extends EventName> =
  (typeof EVENTS)[Name] extends EventDefinition<infer Payload> ? Payload : never;

/** Tells the page of one window, or of all. */
export type Emit = <Name extends EventName>(name: Name, payload: EventPayload<Name>, window?: number) => void;

/** The object that the preload puts into the page. */
export type Bridge = Calls<typeof BRIDGE> & {
  readonly platform: string;
  /** Calls `listener` with each such event from now on. Returns the way to stop. */
  on<Name extends EventName>(name: Name, listener: (payload: EventPayload<Name>) => void): () => void;
};
