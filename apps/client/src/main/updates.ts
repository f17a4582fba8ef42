// Looks for a newer version of the application: only where the package was made with a feed to look at (`package.mjs --feed`) and the
// user wants it. Without both nothing is loaded and nobody is asked. Called once at start by `main.ts`; electron-updater does the work.

import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** What is needed of electron-updater's `autoUpdater`. */
export interface Updater {
  autoDownload: boolean;
  autoInstallOnAppQuit: boolean;
  /** Errors come by this event as well as by the promise; without a listener they would end the application. */
  on(event: "error", listener: (error: Error) => void): unknown;
  checkForUpdates(): Promise<{
    readonly isUpdateAvailable: boolean;
    readonly downloadPromise?: Promise<unknown> | null;
  } | null>;
}

export interface UpdateParts {
  /** Of Electron: where `app-update.yml` lies in a package with a feed. */
  readonly resources: string;
  /** The user's setting. */
  readonly wanted: () => Promise<boolean>;
  readonly load: () => Promise<Updater>;
}

/**
 * `no-feed`: this package has none. `off`: the user does not want it. `unsafe-feed`: the feed is not https. `none`: this is the newest
 * version. `ready`: a newer one is here and put in place when the application ends. `failed`: the feed did not answer well.
 */
export type UpdateOutcome = "no-feed" | "unsafe-feed" | "off" | "none" | "ready" | "failed";

export async function lookForUpdates({ resources, wanted, load }: UpdateParts): Promise<UpdateOutcome> {
  const feed = await readFeed(resources);
  if (feed === undefined) return "no-feed";
  if (!isSafe(feed)) return "unsafe-feed";
  if (!(await wanted())) return "off";
  const updater = await load();
  updater.autoDownload = true;
  updater.autoInstallOnAppQuit = true;
  updater.on("error", () => undefined);
  try {
    const found = await updater.checkForUpdates();
    if (found === null || !found.isUpdateAvailable) return "none";
    await found.downloadPromise;
    return "ready";
  } catch {
    // A feed that is away is no reason to trouble anybody: the next start asks again.
    return "failed";
  }
}

/** The address in `app-update.yml`, which electron-builder writes for a package with a feed; "" if the file names none. */
async function readFeed(resources: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(join(resources, "app-update.yml"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  return /^url: *["']?([^\s"']*)/m.exec(text)?.[1] ?? "";
}

/** On the way nobody may put another program in the place of the new version; this computer is no way. */
function isSafe(feed: string): boolean {
  if (!URL.canParse(feed)) return false;
  const { protocol, hostname } = new URL(feed);
  return protocol === "https:" || (protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(hostname));
}
