// Whether anything on this computer shows tray icons. Windows and macOS always do; on Linux a program of the desktop has to (GNOME has none without an
// extension). Asked by `main.ts`, before a window is closed into the tray: without a host the application could not be reached any more.

import { execFile } from "node:child_process";

const WATCHER = "org.kde.StatusNotifierWatcher";
const ANSWER_MS = 2000;

export async function hasTrayHost(platform: NodeJS.Platform): Promise<boolean> {
  if (platform !== "linux") return platform === "win32" || platform === "darwin";
  const said = await answerOf("dbus-send", [
    "--session",
    "--print-reply=literal",
    `--dest=${WATCHER}`,
    "/StatusNotifierWatcher",
    "org.freedesktop.DBus.Properties.Get",
    `string:${WATCHER}`,
    "string:IsStatusNotifierHostRegistered",
  ]);
  return /\bboolean true\b/.test(said);
}

/** What it prints; nothing when it can't be run, fails or hangs. */
function answerOf(program: string, words: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, words, { timeout: ANSWER_MS }, (error, output) => resolve(error === null ? output : ""));
  });
}
