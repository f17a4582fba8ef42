// The areas of the message catalogue: one file each in every language, English being the source. To add one: its six files, and a line here.
// A message is ICU MessageFormat ("{count, plural, one {# file} other {# files}}"); keys, placeholders and plural forms are held
// together by `messages.test.ts`. Next: `texts.ts`.

import type clipboard from "./en/clipboard.json";
import type connection from "./en/connection.json";
import type doctor from "./en/doctor.json";
import type files from "./en/files.json";
import type hands from "./en/hands.json";
import type home from "./en/home.json";
import type kubernetes from "./en/kubernetes.json";
import type launcher from "./en/launcher.json";
import type notices from "./en/notices.json";
import type picture from "./en/picture.json";
import type reasons from "./en/reasons.json";
import type ssh from "./en/ssh.json";
import type tools from "./en/tools.json";
import type trust from "./en/trust.json";
import type settings from "./en/settings.json";
import type system from "./en/system.json";

export interface Messages {
  /** The desktop's clipboard. */
  readonly clipboard: typeof clipboard;
  /** Connecting, and what ended it. */
  readonly connection: typeof connection;
  readonly doctor: typeof doctor;
  readonly files: typeof files;
  /** Keyboard, pointer, fingers, pens and gamepads. */
  readonly hands: typeof hands;
  /** Of the desktop application alone. */
  readonly home: typeof home;
  /** Desktops on Kubernetes; and the way to one. */
  readonly kubernetes: typeof kubernetes;
  /** Desktops in containers: the application's alone. */
  readonly launcher: typeof launcher;
  /** What code outside the interface says: `said.ts`. */
  readonly notices: typeof notices;
  /** Picture and sound. */
  readonly picture: typeof picture;
  /** Of protocol `reasons.ts`. */
  readonly reasons: typeof reasons;
  /** Of the route by SSH: `main/ssh/failure.ts`. */
  readonly ssh: typeof ssh;
  /** The toolbar and what else stands over the desktop. */
  readonly tools: typeof tools;
  /** What the shell asks before it connects, and what an address is refused for: `shared/questions.ts`, `trust.ts`, `address.ts`. */
  readonly trust: typeof trust;
  /** The settings page, and what panels show of it. */
  readonly settings: typeof settings;
  readonly system: typeof system;
}

/** What the agent's page shows: English comes with the interface, each other language as one chunk. */
export const START_AREAS = [
  "clipboard",
  "connection",
  "doctor",
  "files",
  "hands",
  "notices",
  "picture",
  "reasons",
  "settings",
  "system",
  "tools",
] as const satisfies readonly (keyof Messages)[];

export type Area = keyof Messages;
export type MessageKey<A extends Area> = keyof Messages[A] & string;

/** What is filled in. */
export type Values = Readonly<Record<string, string | number>>;

/** Says a message of one area in the language of the interface. */
export type Text<A extends Area> = (key: MessageKey<A>, values?: Values) => string;
