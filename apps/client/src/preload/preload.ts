// Puts the bridge of `shared/bridge.ts` into the page: one function a call, nothing else. Answered by `main/bridge-host.ts`.

import { contextBridge, ipcRenderer } from "electron";
import { BRIDGE } from "../shared/bridge.ts";

const calls = Object.entries(BRIDGE).map(([name, { channel }]) => [
  name,
  (...parameters: unknown[]) => ipcRenderer.invoke(channel, ...parameters),
]);
contextBridge.exposeInMainWorld("eglantine", { platform: process.platform, ...Object.fromEntries(calls) });
