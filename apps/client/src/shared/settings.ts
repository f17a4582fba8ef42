// What the client remembers between two starts. TABLE of settings → type, defaults and a reader that takes anything.
// Kept by `renderer/preferences.ts` in the browser and by `main/settings-store.ts` in the desktop application.
// A password is not among them, and no setting may ever hold one.

/** An agent that was connected to, newest first. */
export interface KnownHost {
  readonly url: string;
  readonly user: string;
}

interface SettingDefinition<T> {
  readonly doc: string;
  readonly fallback: T;
  /** The value if it is one, else the fallback. */
  readonly read: (value: unknown) => T;
}

const HOSTS_KEPT = 12;
const TEXT_CHARS = 2048;

function choice<const T extends string>(
  doc: string,
  fallback: NoInfer<T>,
  options: readonly T[],
): SettingDefinition<T> {
  return { doc, fallback, read: (value) => options.find((option) => option === value) ?? fallback };
}

function flag(doc: string, fallback: boolean): SettingDefinition<boolean> {
  return { doc, fallback, read: (value) => (typeof value === "boolean" ? value : fallback) };
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

export const SETTINGS = {
  scale: choice("How the picture is shown: fit into the window, or one desktop pixel a device pixel.", "fit", [
    "fit",
    "native",
  ]),
  resize: flag("The desktop takes the size of the window.", true),
  stats: flag("The statistics are shown.", false),
  hosts: { doc: "Agents connected to, newest first.", fallback: [], read: readHosts } as SettingDefinition<
    readonly KnownHost[]
  >,
} as const;

export type Settings = {
  readonly [Name in keyof typeof SETTINGS]: ReturnType<(typeof SETTINGS)[Name]["read"]>;
};

/** Settings from anything that was stored; what is no setting is dropped, what is damaged falls back. */
export function readSettings(stored: unknown): Settings {
  const source = typeof stored === "object" && stored !== null ? (stored as Record<string, unknown>) : {};
  const settings: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries(SETTINGS)) settings[name] = definition.read(source[name]);
  return settings as Settings;
}

/** The list with `host` in front, each address once. */
export function rememberHost(hosts: readonly KnownHost[], host: KnownHost): readonly KnownHost[] {
  return [host, ...hosts.filter(({ url }) => url !== host.url)].slice(0, HOSTS_KEPT);
}
