// Binds the bridge (`bridge.ts`) to Electron's IPC, and carries the shell's events to its windows. Thin: who is answered and what is
// `bridge.ts`'s.

import { ipcMain, type IpcMainInvokeEvent, webContents } from "electron";
import { BRIDGE, EVENTS, type Emit } from "../shared/bridge.ts";
import type { Sender, ShellBridge } from "./bridge.ts";
import { isOwnPage } from "./page-files.ts";

export function bindBridge(bridge: ShellBridge): void {
  for (const [name, { channel }] of Object.entries(BRIDGE)) {
    ipcMain.handle(channel, (event, ...parameters: unknown[]) => {
      const { sender } = event;
      return bridge.answer(name, senderOf(event), { window: sender.id, paste: () => sender.paste() }, parameters);
    });
  }
}

/** `window`: the id of its contents; all windows without one. A page that is not ours is told nothing. */
export const emit: Emit = (name, payload, window) => {
  for (const contents of webContents.getAllWebContents()) {
    if (window !== undefined && contents.id !== window) continue;
    if (contents.getType() === "window" && isOwnPage(contents.getURL())) contents.send(EVENTS[name].channel, payload);
  }
};

function senderOf({ sender, senderFrame }: IpcMainInvokeEvent): Sender {
  return {
    isWindow: sender.getType() === "window",
    isMainFrame: senderFrame !== null && senderFrame === sender.mainFrame,
    url: senderFrame?.url ?? "",
  };
}
