// A real X server of a test's own. Ends with the test, or when the test kills it to see what happens.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface XServer {
  readonly display: string;
  readonly pid: number;
  /** RFB without a password. */
  readonly rfbSocket: string;
  /** SIGKILL, as a crash would; resolves when it is gone. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** A display that no server takes: those that choose one themselves begin at 0. */
export const NO_DISPLAY = ":59999";

/** Resolves when the server takes clients. `wanted` "": the first display that is free. `more`: further arguments. */
export async function startXvnc(wanted: string, geometry: string, more: readonly string[] = []): Promise<XServer> {
  const directory = mkdtempSync(join(tmpdir(), "eglantine-xvnc-"));
  const rfbSocket = join(directory, "rfb");
  const rfb = ["-rfbport", "-1", "-rfbunixpath", rfbSocket, "-SecurityTypes", "None", "-AlwaysShared"];
  const named = wanted === "" ? [] : [wanted];
  const child = spawn(
    "Xvnc",
    [...named, "-geometry", geometry, "-depth", "24", "-displayfd", "3", "-nolisten", "tcp", ...rfb, ...more],
    { stdio: ["ignore", "ignore", "pipe", "pipe"] },
  );
  const exited = once(child, "exit");
  const display = `:${await ready(child, wanted)}`;
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exited;
    rmSync(directory, { recursive: true, force: true });
  };
  return { display, pid: child.pid ?? 0, rfbSocket, kill: () => end("SIGKILL"), close: () => end("SIGTERM") };
}

/** The display's number. */
function ready(child: ChildProcess, display: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr?.on("data", (data) => (said += String(data)));
    child.stdio[3]?.once("data", (data) => resolve(String(data).trim()));
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`Xvnc ${display} ended:\n${said}`)));
  });
}
