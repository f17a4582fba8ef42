// Puts the bridge of `shared/bridge.ts` into the page: one function a call, `on` for events, nothing else. Answered by `main/bridge.ts`.

import { contextBridge, ipcRenderer, type IpcRendererEvent } from "electron";
import { BRIDGE, EVENTS } from "../shared/bridge.ts";

const calls = Object.entries(BRIDGE).map(([name, { channel }]) => [
  name,
  (...parameters: unknown[]) => ipcRenderer.invoke(channel, ...parameters),
]);
const channels = new Map(Object.entries(EVENTS).map(([name, { channel }]) => [name, channel]));

function on(name: string, listener: (payload: unknown) => void): () => void {
  const channel = channels.get(name);
  if (channel === undefined) throw new TypeError(`no event ${name}`);
  // The event itself would give the page the sender.
  const heard = (_event: IpcRendererEvent, payload: unknown): void => listener(payload);
  ipcRenderer.on(channel, heard);
  return () => void ipcRenderer.off(channel, heard);
}

contextBridge.exposeInMainWorld("eglantine", { platform: process.platform, on, ...Object.fromEntries(calls) });
