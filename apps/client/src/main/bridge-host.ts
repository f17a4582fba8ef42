// Answers the page's calls of `shared/bridge.ts`. Only the windows' own page is answered; parameters are taken for anything.
// Thin: what it does is `settings-store.ts`'s, `clipboard.ts`'s, `copied-files.ts`'s and Electron's.

import { ipcMain, type WebContents } from "electron";
import { BRIDGE, type CallName } from "../shared/bridge.ts";
import { isOwnPage } from "./page-files.ts";
import type { SettingsStore } from "./settings-store.ts";

interface BridgeParts {
  readonly settings: SettingsStore;
  readonly clipboard: { read(): unknown; write(content: unknown): void };
  readonly copied: { store(piece: unknown): unknown; copy(set: unknown): unknown; drop(set: unknown): unknown };
}

export function answerBridge({ settings, clipboard, copied }: BridgeParts): void {
  const answers: Readonly<Record<CallName, (parameter: unknown, page: WebContents) => unknown>> = {
    readSettings: () => settings.read(),
    writeSettings: (parameter) => settings.write(parameter),
    readClipboard: () => clipboard.read(),
    writeClipboard: (parameter) => clipboard.write(parameter),
    storeFile: (parameter) => copied.store(parameter),
    copyFiles: (parameter) => copied.copy(parameter),
    dropFiles: (parameter) => copied.drop(parameter),
    tellPaste: (_parameter, page) => page.paste(),
  };
  for (const name of Object.keys(BRIDGE) as CallName[]) {
    ipcMain.handle(BRIDGE[name].channel, (event, parameter: unknown) => {
      const frame = event.senderFrame;
      if (frame === null || frame !== event.sender.mainFrame || !isOwnPage(frame.url)) {
        throw new Error("not the application's page");
      }
      return answers[name](parameter, event.sender);
    });
  }
}
