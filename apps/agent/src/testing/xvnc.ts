// A real X server of a test's own. Ends with the test, or when the test kills it to see what happens.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface XServer {
  readonly display: string;
  /** SIGKILL, as a crash would; resolves when it is gone. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** Resolves when the server takes clients. `more`: further arguments. */
export async function startXvnc(display: string, geometry: string, more: readonly string[] = []): Promise<XServer> {
  const directory = mkdtempSync(join(tmpdir(), "eglantine-xvnc-"));
  const rfb = ["-rfbport", "-1", "-rfbunixpath", join(directory, "rfb"), "-SecurityTypes", "None"];
  const child = spawn(
    "Xvnc",
    [display, "-geometry", geometry, "-depth", "24", "-displayfd", "3", "-nolisten", "tcp", ...rfb, ...more],
    { stdio: ["ignore", "ignore", "pipe", "pipe"] },
  );
  const exited = once(child, "exit");
  await ready(child, display);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exited;
    rmSync(directory, { recursive: true, force: true });
  };
  return { display, kill: () => end("SIGKILL"), close: () => end("SIGTERM") };
}

function ready(child: ChildProcess, display: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr?.on("data", (data) => (said += String(data)));
    child.stdio[3]?.once("data", () => resolve());
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`Xvnc ${display} ended:\n${said}`)));
  });
}
