// Updates, by the real electron-updater against a real feed on loopback.

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type RequestOptions, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configureRequestUrl, type DownloadOptions, HttpExecutor } from "builder-util-runtime";
import { AppImageUpdater, type AppUpdater } from "electron-updater";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { lookForUpdates, type UpdateOutcome } from "./updates.ts";

const NEW_VERSION = Buffer.from("the application of tomorrow");
let folder: string;
let server: Server;
let asked: string[];
let loaded: number;
/** Of the newest version in the feed. */
let version: string;
/** Sent as the new version. */
let sent: Buffer;

beforeEach(async () => {
  // Only who runs as an AppImage is brought up to date as one.
  vi.stubEnv("APPIMAGE", "/opt/eglantine.AppImage");
  folder = mkdtempSync(join(tmpdir(), "eglantine-updates-"));
  asked = [];
  loaded = 0;
  version = "0.2.0";
  sent = NEW_VERSION;
  server = createServer((message, response) => {
    const path = (message.url ?? "").replace(/\?.*$/, "");
    asked.push(path);
    if (path === "/releases/latest-linux.yml") response.end(feedDocument());
    else if (path.endsWith(".AppImage")) response.end(sent);
    else response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  rmSync(folder, { recursive: true });
});

const feedDocument = () => {
  const sha512 = createHash("sha512").update(NEW_VERSION).digest("base64");
  const name = `eglantine-${version}-x86_64.AppImage`;
  const file = `  - url: ${name}\n    sha512: ${sha512}\n    size: ${NEW_VERSION.length}\n`;
  return `version: ${version}\nfiles:\n${file}path: ${name}\nsha512: ${sha512}\nreleaseDate: '2026-01-01T00:00:00.000Z'\n`;
};

/** Electron's own requests, by Node. */
class NodeHttp extends HttpExecutor<ReturnType<typeof request>> {
  override createRequest(...[options, callback]: Parameters<HttpExecutor<never>["createRequest"]>) {
    return request(options, callback);
  }

  download(url: URL, destination: string, options: DownloadOptions): Promise<string> {
    return options.cancellationToken.createPromise((resolve, reject, onCancel) => {
      const callback = (error: Error | null) => (error instanceof Error ? reject(error) : resolve(destination));
      const about = { destination, options, onCancel, callback, responseHandler: null };
      const wanted: RequestOptions = {};
      configureRequestUrl(url, wanted);
      this.doDownload(wanted, about, 0);
    });
  }
}

/** The application 0.1.0, as electron-updater asks Electron about it. */
function updater(): AppUpdater {
  const made = new AppImageUpdater(undefined, {
    version: "0.1.0",
    name: "eglantine",
    isPackaged: true,
    appUpdateConfigPath: join(folder, "app-update.yml"),
    userDataPath: folder,
    baseCachePath: folder,
    whenReady: () => Promise.resolve(),
    relaunch: () => undefined,
    quit: () => undefined,
    onQuit: () => undefined,
  });
  Object.assign(made, { httpExecutor: new NodeHttp(), _testOnlyOptions: { platform: "linux" } });
  made.logger = null;
  // There is no older file to compare with.
  made.disableDifferentialDownload = true;
  return made;
}

function address(): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/releases`;
}

function look(feed: string | undefined, wanted: boolean): Promise<UpdateOutcome> {
  if (feed !== undefined) {
    const cache = "updaterCacheDirName: eglantine-updater";
    writeFileSync(join(folder, "app-update.yml"), `provider: generic\nurl: ${feed}\n${cache}\n`);
  }
  return lookForUpdates({
    resources: folder,
    wanted: () => Promise.resolve(wanted),
    load: () => {
      loaded += 1;
      return Promise.resolve(updater());
    },
  });
}

it("asks nobody and loads nothing without a feed, whatever the user wants", async () => {
  expect(await look(undefined, true)).toBe("no-feed");
  expect({ loaded, asked }).toEqual({ loaded: 0, asked: [] });
});

it("asks nobody and loads nothing while the user has not turned it on", async () => {
  expect(await look(address(), false)).toBe("off");
  expect({ loaded, asked }).toEqual({ loaded: 0, asked: [] });
});

it.each(["http://updates.example/releases", "ftp://updates.example/", "nonsense", ""])(
  "asks nobody at %j, which nobody vouches for",
  async (feed) => {
    expect(await look(feed, true)).toBe("unsafe-feed");
    expect(loaded).toBe(0);
  },
);

it("fetches a newer version, to be put in place at the end", async () => {
  expect(await look(address(), true)).toBe("ready");
  expect(asked.filter((path) => path.endsWith(".AppImage"))).toEqual(["/releases/eglantine-0.2.0-x86_64.AppImage"]);
});

it("leaves it at that when this is the newest version", async () => {
  version = "0.1.0";
  expect(await look(address(), true)).toBe("none");
  expect(asked.some((path) => path.endsWith(".AppImage"))).toBe(false);
});

it("refuses a file that is not the one that the feed promises", async () => {
  sent = Buffer.from("the application of an enemy");
  expect(await look(address(), true)).toBe("failed");
  expect(asked).toHaveLength(2);
});

it("says nothing worse than that it failed when the feed is not there any more", async () => {
  expect(await look(`${address()}-of-yesterday`, true)).toBe("failed");
});
