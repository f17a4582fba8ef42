// Where the desktop application begins: builds its parts in order. A thin shell over plain modules, which are tested in Node;
// only this file, `window.ts` and `bridge-host.ts` import Electron. The page it shows is the renderer that agents serve too.

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { app, clipboard, ClipboardItem, dialog, shell } from "electron";
import { answerBridge } from "./bridge-host.ts";
import { DesktopClipboard } from "./clipboard.ts";
import { CopiedFiles } from "./copied-files.ts";
import { SettingsStore } from "./settings-store.ts";
import { startPage } from "./start-page.ts";
import { judgeCertificate } from "./trust.ts";
import { guardSession, openWindow, registerPageScheme } from "./window.ts";

const root = join(import.meta.dirname, "..");
const debugging = process.env["EGLANTINE_CLIENT_DEBUG"] === "1";

registerPageScheme();
app.enableSandbox();

// A desktop that `npm start` has just started gets a window of its own.
if (process.env["EGLANTINE_CONNECT_URL"] || app.requestSingleInstanceLock()) {
  void run();
} else {
  app.quit();
}

async function run(): Promise<void> {
  await app.whenReady();
  const settings = new SettingsStore(join(app.getPath("userData"), "settings.json"));
  const options = { preload: join(root, "preload", "preload.cjs"), debugging };
  guardSession(join(root, "renderer"), options);
  const window = openWindow(options);
  const ownClipboard = new DesktopClipboard(clipboard, (parts) => new ClipboardItem(parts));
  const temporary = mkdtempSync(join(app.getPath("temp"), "eglantine-copied-"));
  app.on("will-quit", () => rmSync(temporary, { recursive: true, force: true }));
  const copied = new CopiedFiles({
    folder: temporary,
    put: (paths) => ownClipboard.writeFiles(process.platform, paths),
    show: async (folder) => void (await shell.openPath(folder)),
  });
  answerBridge({ settings, clipboard: ownClipboard, copied });
  app.on("second-instance", () => {
    if (window.isMinimized()) window.restore();
    window.focus();
  });
  app.on("certificate-error", (event, _contents, url, error, _certificate, decide) => {
    event.preventDefault();
    const verdict = judgeCertificate({ url, error });
    decide(verdict.trust);
    if (!verdict.trust) dialog.showErrorBox("Certificate refused", `${verdict.sentence}\n\n${verdict.remedy}`);
  });
  app.on("window-all-closed", () => app.quit());
  await window.loadURL(startPage(process.env));
}
