// What the client remembers between two starts. TABLE of settings → type, defaults and a reader that takes anything.
// Kept by `renderer/preferences.ts` in the browser and by `main/settings-store.ts` in the desktop application.
// A password is not among them, and no setting may ever hold one.

import {
  CHROMAS,
  type ChromaWish,
  type Path,
  PATHS,
  type Preset,
  PRESETS,
  SOUND_CHANNELS,
  type SoundChannels,
} from "@eglantine/protocol/formats";
import { LIMITS } from "@eglantine/protocol/limits";
import { nearestScale } from "@eglantine/protocol/scale";
import { LANGUAGES } from "./languages.ts";

/** An agent that was connected to, newest first. */
export interface KnownHost {
  readonly url: string;
  readonly user: string;
}

/** How the user wants the picture, as control `video` says it: what is absent is the agent's own setting. */
export interface VideoWish {
  readonly encoder?: string;
  readonly chroma?: ChromaWish;
  readonly preset?: Preset;
  readonly framesPerSecond?: number;
  readonly minBps?: number;
  readonly startBps?: number;
  readonly maxBps?: number;
  readonly capBytesPerHour?: number;
}

/** How large programs on the desktop draw themselves; see `renderer/video/desktop-scale.ts`. */
export type DesktopScale = "screen" | "smaller" | number;

export type PathWish = "auto" | Path;

/** What was chosen for one agent's picture. */
export interface PictureWish {
  readonly path: PathWish;
  readonly video: VideoWish;
}

export interface HostPicture extends PictureWish {
  /** The agent's page. */
  readonly url: string;
}

/** The parts of the settings page, in their order. */
export const SETTING_GROUPS = [
  "picture",
  "window",
  "keyboard",
  "pointer",
  "sound",
  "appearance",
  "application",
] as const;

export type SettingGroup = (typeof SETTING_GROUPS)[number];

interface SettingDefinition<T> {
  readonly doc: string;
  /** Its part of the settings page; absent: it is no wish of the user's, and stays when all are taken back. */
  readonly group?: SettingGroup;
  /** How it is set there: `own` has a control of its own. */
  readonly control: "choice" | "flag" | "own";
  readonly fallback: T;
  /** The value if it is one, else the fallback. */
  readonly read: (value: unknown) => T;
}

interface ChoiceDefinition<T extends string> extends SettingDefinition<T> {
  readonly group: SettingGroup;
  readonly control: "choice";
  readonly options: readonly T[];
}

interface FlagDefinition extends SettingDefinition<boolean> {
  readonly group: SettingGroup;
  readonly control: "flag";
}

const HOSTS_KEPT = 12;
const TEXT_CHARS = 2048;

function choice<const T extends string>(
  group: SettingGroup,
  doc: string,
  fallback: NoInfer<T>,
  options: readonly T[],
): ChoiceDefinition<T> {
  return {
    doc,
    group,
    control: "choice",
    options,
    fallback,
    read: (value) => options.find((option) => option === value) ?? fallback,
  };
}

function flag(group: SettingGroup, doc: string, fallback: boolean): FlagDefinition {
  return { doc, group, control: "flag", fallback, read: (value) => (typeof value === "boolean" ? value : fallback) };
}

function readDevice(value: unknown): string {
  return typeof value === "string" && value.length <= TEXT_CHARS ? value : "";
}

function readDesktopScale(value: unknown): DesktopScale {
  if (value === "smaller") return value;
  return typeof value === "number" && nearestScale(value) === value ? value : "screen";
}

function readHosts(value: unknown): readonly KnownHost[] {
  if (!Array.isArray(value)) return [];
  const hosts: KnownHost[] = [];
  for (const entry of value as readonly unknown[]) {
    if (typeof entry !== "object" || entry === null) continue;
    const { url, user } = entry as Record<string, unknown>;
    if (typeof url !== "string" || typeof user !== "string") continue;
    if (url.length > TEXT_CHARS || user.length > TEXT_CHARS || hosts.length === HOSTS_KEPT) continue;
    hosts.push({ url, user });
  }
  return hosts;
}

const among =
  <T extends string>(options: readonly T[]) =>
  (value: unknown): T | undefined =>
    options.find((option) => option === value);
const between =
  (min: number, max: number) =>
  (value: unknown): number | undefined =>
    typeof value === "number" && Number.isInteger(value) && value >= min && value <= max ? value : undefined;
const bitrate = between(LIMITS.bitrateMinBps, LIMITS.bitrateMaxBps);

const VIDEO_FIELDS: { readonly [Name in keyof VideoWish]-?: (value: unknown) => VideoWish[Name] } = {
  encoder: (value) => (typeof value === "string" && value !== "" && value.length <= 64 ? value : undefined),
  chroma: among(CHROMAS),
  preset: among(PRESETS),
  framesPerSecond: between(LIMITS.framesPerSecondMin, LIMITS.framesPerSecondMax),
  minBps: bitrate,
  startBps: bitrate,
  maxBps: bitrate,
  capBytesPerHour: between(LIMITS.capMinBytes, Number.MAX_SAFE_INTEGER),
};

function readVideo(value: unknown): VideoWish {
  const source = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  const fields = Object.entries(VIDEO_FIELDS).map(([name, read]) => [name, read(source[name])] as const);
  return Object.fromEntries(fields.filter(([, field]) => field !== undefined));
}

function readPictures(value: unknown): readonly HostPicture[] {
  if (!Array.isArray(value)) return [];
  const pictures: HostPicture[] = [];
  for (const entry of value as readonly unknown[]) {
    if (typeof entry !== "object" || entry === null || pictures.length === HOSTS_KEPT) continue;
    const { url, path, video } = entry as Record<string, unknown>;
    if (typeof url !== "string" || url.length > TEXT_CHARS) continue;
    pictures.push({ url, path: among(["auto", ...PATHS] as const)(path) ?? "auto", video: readVideo(video) });
  }
  return pictures;
}

export const SETTINGS = {
  video: {
    doc: "The picture for every desktop, where nothing else is chosen for its agent.",
    group: "picture",
    control: "own",
    fallback: {},
    read: readVideo,
  } as SettingDefinition<VideoWish>,
  scale: choice(
    "window",
    "How the picture is shown: fit into the window, or one desktop pixel a device pixel.",
    "fit",
    ["fit", "native"],
  ),
  resize: flag("window", "The desktop takes the size of the window.", true),
  desktopScale: {
    doc: "How large the desktop's programs draw themselves: as this screen's do, so many times as large as usual, or a smaller picture enlarged.",
    group: "window",
    control: "own",
    fallback: "screen",
    read: readDesktopScale,
  } as SettingDefinition<DesktopScale>,
  keyboard: choice(
    "keyboard",
    "What a key is to the desktop: its place (physical), the character that it types here (text), or text but while the pointer is locked or grabbed.",
    "auto",
    ["auto", "text", "physical"],
  ),
  touch: choice("pointer", "What a finger on the desktop is: the pointer itself, or one on a touchpad.", "pointer", [
    "pointer",
    "trackpad",
  ]),
  autoLock: flag("pointer", "The pointer is locked by itself for programs that take it.", true),
  keyRow: choice("keyboard", "A row of keys that touch devices lack; auto: where fingers point.", "auto", [
    "auto",
    "on",
    "off",
  ]),
  stats: flag("window", "The statistics are shown.", false),
  keepInTray: flag(
    "application",
    "The application stays in the tray when its last window is closed, where something shows its icon.",
    false,
  ),
  notifications: flag(
    "application",
    "The desktop's notifications are shown as this computer's, where the browser lets the page.",
    true,
  ),
  volume: {
    doc: "How loud the desktop is, 0 to 1.",
    group: "sound",
    control: "own",
    fallback: 1,
    read: (value) => (typeof value === "number" && value >= 0 && value <= 1 ? value : 1),
  } as SettingDefinition<number>,
  muted: flag("sound", "The desktop is not heard.", false),
  speaker: {
    doc: "Where the desktop is heard, as the browser names it; empty: where everything is.",
    group: "sound",
    control: "own",
    fallback: "",
    read: readDevice,
  } as SettingDefinition<string>,
  soundChannels: {
    doc: "Channels of the loudspeakers: stereo, 5.1, 7.1.",
    group: "sound",
    control: "own",
    fallback: 2,
    read: (value) => SOUND_CHANNELS.find((channels) => channels === value) ?? 2,
  } as SettingDefinition<SoundChannels>,
  microphone: {
    doc: "Which microphone is given to the desktop, as the browser names it; empty: the usual one.",
    group: "sound",
    control: "own",
    fallback: "",
    read: readDevice,
  } as SettingDefinition<string>,
  keepPictures: flag(
    "application",
    "The application keeps the last picture of each desktop, for its card; off: and forgets those that it has.",
    true,
  ),
  updates: flag(
    "application",
    "The application looks for newer versions of itself, where its package says where to look.",
    false,
  ),
  language: choice("appearance", "The language of the interface; auto: the system's.", "auto", ["auto", ...LANGUAGES]),
  theme: choice("appearance", "Colours: light, dark or the system's.", "auto", ["auto", "light", "dark"]),
  motion: choice("appearance", "Movement: as the system wants it, or as little as can be.", "auto", [
    "auto",
    "reduced",
  ]),
  hosts: {
    doc: "Agents connected to, newest first.",
    control: "own",
    fallback: [],
    read: readHosts,
  } as SettingDefinition<readonly KnownHost[]>,
  pictures: {
    doc: "Picture and path chosen, by agent, newest first.",
    control: "own",
    fallback: [],
    read: readPictures,
  } as SettingDefinition<readonly HostPicture[]>,
} as const;

export type Settings = {
  readonly [Name in keyof typeof SETTINGS]: ReturnType<(typeof SETTINGS)[Name]["read"]>;
};

/** What the user set is taken back; agents and what was chosen for them stay. */
export function defaultSettings({ hosts, pictures }: Settings): Settings {
  return { ...readSettings(undefined), hosts, pictures };
}

/** Settings from anything that was stored; what is no setting is dropped, what is damaged falls back. */
export function readSettings(stored: unknown): Settings {
  const source = typeof stored === "object" && stored !== null ? (stored as Record<string, unknown>) : {};
  const settings: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries(SETTINGS)) settings[name] = definition.read(source[name]);
  return settings as Settings;
}

/** Of these, those that are settings, read as stored ones are. */
export function readChanges(changes: Readonly<Record<string, unknown>>): Partial<Settings> {
  return Object.fromEntries(Object.entries(readSettings(changes)).filter(([name]) => Object.hasOwn(changes, name)));
}

/** The list with `host` in front, each address once. */
export function rememberHost(hosts: readonly KnownHost[], host: KnownHost): readonly KnownHost[] {
  return [host, ...hosts.filter(({ url }) => url !== host.url)].slice(0, HOSTS_KEPT);
}

const NO_WISH: PictureWish = { path: "auto", video: {} };

/** What was chosen for the agent with this page; nothing, where none was. */
export function pictureOf(pictures: readonly HostPicture[], url: string | undefined): PictureWish {
  return pictures.find((one) => one.url === url) ?? NO_WISH;
}

/** The list with this agent's choice in front; without it, where nothing is chosen. */
export function rememberPicture(
  pictures: readonly HostPicture[],
  { url, path, video }: HostPicture,
): readonly HostPicture[] {
  const others = pictures.filter((one) => one.url !== url);
  const isChoice = path !== "auto" || Object.keys(video).length > 0;
  return isChoice ? [{ url, path, video }, ...others].slice(0, HOSTS_KEPT) : others;
}
