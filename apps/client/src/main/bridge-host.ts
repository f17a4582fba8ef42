// Answers the page's calls of `shared/bridge.ts`. Only the windows' own page is answered; parameters are taken for anything.
// Thin: what it does is `settings-store.ts`'s, `clipboard.ts`'s and Electron's.

import { ipcMain } from "electron";
import { BRIDGE, type CallName } from "../shared/bridge.ts";
import { isOwnPage } from "./page-files.ts";
import type { SettingsStore } from "./settings-store.ts";

interface BridgeParts {
  readonly settings: SettingsStore;
  readonly clipboard: { read(): unknown; write(content: unknown): void };
}

export function answerBridge({ settings, clipboard }: BridgeParts): void {
  const answers: Readonly<Record<CallName, (parameter: unknown) => unknown>> = {
    readSettings: () => settings.read(),
    writeSettings: (parameter) => settings.write(parameter),
    readClipboard: () => clipboard.read(),
    writeClipboard: (parameter) => clipboard.write(parameter),
  };
  for (const name of Object.keys(BRIDGE) as CallName[]) {
    ipcMain.handle(BRIDGE[name].channel, (event, parameter: unknown) => {
      const frame = event.senderFrame;
      if (frame === null || frame !== event.sender.mainFrame || !isOwnPage(frame.url)) {
        throw new Error("not the application's page");
      }
      return answers[name](parameter);
    });
  }
}
