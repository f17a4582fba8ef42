// Where the desktop application begins: gives the parts (`parts.ts`) what only Electron has, and tells them what the system tells it. A thin shell over plain
// modules, which are tested in Node; only this file, `window.ts`, `windows/electron-windows.ts`, `tray.ts` and `bridge-host.ts` import Electron. The page it
// shows is the renderer that agents serve too.

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  app,
  clipboard,
  ClipboardItem,
  Notification,
  powerMonitor,
  powerSaveBlocker,
  safeStorage,
  shell,
} from "electron";
import { createAnswers, ShellBridge } from "./bridge.ts";
import { bindBridge, emit } from "./bridge-host.ts";
import { DesktopClipboard } from "./clipboard.ts";
import { deepLinkOf } from "./deep-link.ts";
import { JsonFile } from "./json-file.ts";
import { isOwnPage } from "./page-files.ts";
import { buildParts, type Parts } from "./parts.ts";
import { hasTrayHost } from "./platform/tray-host.ts";
import { trayWords } from "./shell-words.ts";
import { askpass } from "./ssh/askpass-program.ts";
import { desktopPage, homePage, linkPage, startPage } from "./start-page.ts";
import { TrayIcon } from "./tray.ts";
import { afterLastWindow, type TrayAction, trayMenu } from "./tray-menu.ts";
import { lookForUpdates } from "./updates.ts";
import { guardSession, registerPageScheme } from "./window.ts";
import { ElectronWindows, systemDisplays } from "./windows/electron-windows.ts";
import { Places } from "./windows/places.ts";
import { WindowDesk } from "./windows/window-desk.ts";

const root = join(import.meta.dirname, "..");
const debugging = process.env["EGLANTINE_CLIENT_DEBUG"] === "1";

registerPageScheme();
app.enableSandbox();

if (process.env["EGLANTINE_ASKPASS"] !== undefined) {
  // Started by an ssh that was started by us: only carries its question there.
  askpass(process.env, process.argv.at(-1) ?? "", (answer) => void process.stdout.write(answer)).then(
    (code) => app.exit(code),
    () => app.exit(1),
  );
} else if (process.env["EGLANTINE_CONNECT_URL"] || app.requestSingleInstanceLock()) {
  // A desktop that `npm start` has just started gets a window of its own; everything else is the first instance's.
  void run();
} else {
  app.quit();
}

async function run(): Promise<void> {
  let link = deepLinkOf(process.argv.slice(1));
  // macOS tells of a link by an event, which may come before the application is ready.
  let openLink = (opened: string): void => void (link = opened);
  app.on("open-url", (event, url) => {
    event.preventDefault();
    const opened = deepLinkOf([url]);
    if (opened !== undefined) openLink(opened);
  });
  await app.whenReady();
  guardSession(join(root, "renderer"));
  // Of an AppImage, which nothing installs; packages say so themselves.
  if (app.isPackaged) app.setAsDefaultProtocolClient("eglantine");

  const folder = app.getPath("userData");
  const desk = new WindowDesk({
    places: await Places.read(new JsonFile(join(folder, "places.json"))),
    displays: systemDisplays,
    nowMs: () => performance.now(),
  });
  const windows = new ElectronWindows({
    preload: join(root, "preload", "preload.cjs"),
    debugging,
    desk,
    dragIcon: join(root, "main", "icon.png"),
    onClosed: (window) => void parts.windowClosed(window),
  });
  const temporary = mkdtempSync(join(app.getPath("temp"), "eglantine-copied-"));
  const parts = buildParts({
    folder,
    temporary,
    platform: process.platform,
    clipboard: new DesktopClipboard(clipboard, (formats) => new ClipboardItem(formats)),
    showFolder: async (shown) => void (await shell.openPath(shown)),
    env: takeEnvironment(),
    home: app.getPath("home"),
    safeStorage,
    manifests: join(import.meta.dirname, "kubernetes"),
    emit,
    createNotification: (texts) => new Notification(texts),
    powerBlocker: powerSaveBlocker,
    windows,
    ssh: {
      ssh: "ssh",
      environment: process.env,
      // Ourselves; unpacked, Electron is told what to run.
      askpassProgram: app.isPackaged ? [process.execPath] : [process.execPath, app.getAppPath()],
    },
  });
  await parts.begin();
  bindBridge(new ShellBridge(createAnswers(parts), isOwnPage));

  openLink = (opened) => void windows.showPage(linkPage(opened));
  app.on("second-instance", (_event, words) => {
    const opened = deepLinkOf(words);
    if (opened === undefined) void windows.showPage(homePage());
    else openLink(opened);
  });
  app.on("activate", () => void windows.showPage(homePage()));
  // Not `setCertificateVerifyProc`: that one is told no port, and its verdicts are kept by the network service, so that a yes would come too late.
  app.on("certificate-error", (event, _contents, url, error, { data }, decide) => {
    event.preventDefault();
    parts.trust.mayConnect(url, error, data).then(decide, (reason: unknown) => {
      decide(false);
      throw reason;
    });
  });
  for (const woke of ["resume", "unlock-screen"] as const) {
    powerMonitor.on(woke as "resume", () => emit("resumed", undefined));
  }

  const tray = await openTray(parts, windows);
  app.on("window-all-closed", () => void lastWindowClosed(parts));
  let ended = false;
  app.on("will-quit", (event) => {
    if (ended) return;
    event.preventDefault();
    ended = true;
    tray.close();
    void end(parts, desk, temporary);
  });
  await windows.open(link === undefined ? startPage(process.env) : linkPage(link));
  await lookForUpdates({
    resources: process.resourcesPath,
    wanted: async () => (await parts.settings.read()).updates,
    load: async () => (await import("electron-updater")).default.autoUpdater,
  });
}

/** In the reverse of the order in which it was built. */
async function end(parts: Parts, desk: WindowDesk, temporary: string): Promise<void> {
  try {
    await parts.close();
    await desk.close();
  } finally {
    rmSync(temporary, { recursive: true, force: true });
    app.exit();
  }
}

async function lastWindowClosed({ settings }: Parts): Promise<void> {
  const { keepInTray } = await settings.read();
  const trayHost = await hasTrayHost(process.platform);
  if (afterLastWindow({ platform: process.platform, keepInTray, trayHost }) === "quit") app.quit();
}

async function openTray({ desktops, settings }: Parts, windows: ElectronWindows): Promise<TrayIcon> {
  const tray = new TrayIcon(join(root, "main", "tray.png"), (action: TrayAction) => {
    if (action.kind === "quit") app.quit();
    else void windows.showPage(action.kind === "home" ? homePage() : desktopPage(action.id));
  });
  const show = async (): Promise<void> => {
    const words = trayWords((await settings.read()).language, app.getPreferredSystemLanguages());
    tray.show(trayMenu(await desktops.list(), words));
  };
  // Whoever goes to the tray leaves a window for it.
  app.on("browser-window-blur", () => void show());
  await show();
  return tray;
}

/** dockerode looks at these by itself, and stops at what it cannot read: the launcher alone has them from here on. */
function takeEnvironment(): NodeJS.ProcessEnv {
  const environment = { ...process.env };
  for (const name of Object.keys(process.env)) if (name.startsWith("DOCKER_")) delete process.env[name];
  return environment;
}
