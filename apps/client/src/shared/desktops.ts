// The desktops that the application knows, and what the page asks of the shell about them. TABLE of calls, joined by `bridge.ts`, answered by
// `main/desktops/answers.ts`. A password is never part of a saved desktop: `main/secrets.ts` keeps those.

import type { SshTarget, UrlTarget } from "./address.ts";
import { bareCall, call, type Failed, type Outcome } from "./bridge-call.ts";

/** How a desktop is reached: one kind each for a route of `main/desktops/types.ts`. */
export type DesktopTarget =
  | UrlTarget
  | SshTarget
  /** On an engine of the launcher's list. */
  | { readonly kind: "container"; readonly engine: string; readonly container: string }
  | { readonly kind: "pod"; readonly context: string; readonly namespace: string; readonly name: string };

export type TargetKind = DesktopTarget["kind"];

export interface SavedDesktop {
  readonly id: string;
  /** The user's word for it. */
  readonly name: string;
  /** At the agent; empty: asked for. */
  readonly user: string;
  readonly target: DesktopTarget;
  /** Since the epoch; 0: never. */
  readonly lastUsedMs: number;
}

/** With `id`: that one is changed. Without: a new one, or the one that has this target already. */
export interface DesktopDraft extends Pick<SavedDesktop, "name" | "user" | "target"> {
  readonly id?: string;
}

/** What the page connects to. Where the target is behind a tunnel, `url` is its end on this computer. */
export interface OpenedDesktop {
  readonly name: string;
  readonly url: string;
  readonly user: string;
  readonly password?: string;
}

/** A step on the way; in words `<area>.step.<step>`, where the area is the route's. */
export interface DesktopProgress {
  readonly id: string;
  readonly area: string;
  readonly step: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Between 0 and 1, where it is known. */
  readonly part?: number;
}

/** Why a desktop can't be kept or opened; the words are those of the area `home`. */
export const DESKTOP_REASONS = ["gone", "full", "no-route", "cancelled", "import-unreadable", "import-other"] as const;
export type DesktopReason = (typeof DESKTOP_REASONS)[number];

/** Reasons of a route are those of its own area. */
export interface OpenFailed extends Failed<string> {
  readonly area: string;
}

export const CONDITIONS = [
  /** A viewer may come. */
  "ready",
  /** All places are taken. */
  "full",
  /** The agent is there, its desktop is not; or its container or Pod is on the way. */
  "starting",
  /** Its container runs, and says no more than that. */
  "running",
  /** Its container or Pod is in trouble: opening it tells which. */
  "failing",
  /** It was stopped. */
  "stopped",
  /** There is no such container or Pod any more. */
  "gone",
  /** The machine that it is on answers; itself was not asked. */
  "reachable",
  /** Nothing answers, or something else does. */
  "away",
  /** What its container is on does not answer. */
  "engine-away",
  "cluster-away",
  /** It can't be known without opening the way. */
  "unknown",
] as const;

export interface DesktopState {
  readonly condition: (typeof CONDITIONS)[number];
  /** Of one HTTP exchange with the agent on a connection that stands; of "reachable", of a TCP handshake. */
  readonly latencyMs?: number;
  readonly viewers?: number;
}

/** Where a password is: in the system's keychain, or in memory until the application ends. */
export type PasswordPlace = "keychain" | "memory";

export interface ImportedDesktops {
  readonly added: number;
  /** Were here already, with the same name and user. */
  readonly same: number;
  /** Names here of those that are called otherwise in the file: changed with `replace`, left alone without. */
  readonly differing: readonly string[];
}

export const DESKTOP_CALLS = {
  listDesktops: bareCall<readonly SavedDesktop[]>("eglantine:list-desktops", "The saved desktops, last used first."),
  damagedList: bareCall<string | undefined>(
    "eglantine:damaged-list",
    "Where a list that could not be read was put, until the user has seen that.",
  ),
  sawDamagedList: bareCall<void>("eglantine:saw-damaged-list", "The user has seen it, and is told no more."),
  saveDesktop: call<[draft: DesktopDraft], Outcome<SavedDesktop, DesktopReason>>(
    "eglantine:save-desktop",
    "Keeps a desktop, or changes one.",
  ),
  removeDesktop: call<[id: string], void>("eglantine:remove-desktop", "Takes one from the list."),
  restoreDesktop: call<[id: string], Outcome<SavedDesktop, DesktopReason>>(
    "eglantine:restore-desktop",
    "Brings back one that was removed since the application was started, with its picture and password.",
  ),
  openDesktop: call<[id: string], { readonly ok: OpenedDesktop } | { readonly failed: OpenFailed }>(
    "eglantine:open-desktop",
    "Makes the way to a desktop, for the window that asks. Tells `desktopProgress` meanwhile.",
  ),
  closeDesktop: bareCall<void>(
    "eglantine:close-desktop",
    "Breaks off what this window is opening, and closes the way to what it has open.",
  ),
  probeDesktop: call<[id: string], DesktopState>("eglantine:probe-desktop", "How it is now. Opens nothing."),
  stopProbing: bareCall<void>(
    "eglantine:stop-probing",
    "Nobody sees this window's cards any more: asks for none of them.",
  ),
  readPicture: call<[id: string], string | undefined>(
    "eglantine:read-picture",
    "The last picture of a desktop, as an address of its own.",
  ),
  keepPicture: call<[picture: { readonly id: string; readonly jpeg: Uint8Array }], void>(
    "eglantine:keep-picture",
    "Keeps a small picture of a desktop, as a JPEG file, in the place of the last one.",
  ),
  passwordPlace: bareCall<PasswordPlace>(
    "eglantine:password-place",
    "Where a password would be kept: in memory where this computer has no keychain.",
  ),
  whereIsPassword: call<[id: string], PasswordPlace | undefined>(
    "eglantine:where-is-password",
    "Where the password of a desktop is; nothing, where it is asked for.",
  ),
  keepPassword: call<[secret: { readonly id: string; readonly password: string }], PasswordPlace>(
    "eglantine:keep-password",
    "Keeps the password of a desktop, and says where.",
  ),
  forgetPassword: call<[id: string], void>("eglantine:forget-password", "Forgets the password of a desktop."),
  exportDesktops: bareCall<string>("eglantine:export-desktops", "The list as a file's text, without passwords."),
  importDesktops: call<
    [wish: { readonly text: string; readonly replace: boolean }],
    Outcome<ImportedDesktops, DesktopReason>
  >("eglantine:import-desktops", "Takes desktops from such a text."),
} as const;
