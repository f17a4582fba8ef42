// An X server of one's own: TigerVNC's Xvnc with RFB on a Unix socket only, as the session starts it.
// Started by agent.ts's and yardstick.ts's callers; pattern.ts draws on it.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Process } from "./processes.ts";

export interface XServer {
  /** ":80" */
  readonly display: string;
  readonly pid: number;
  /** RFB without authentication, mode 0600. */
  readonly rfbSocket: string;
  readonly widthPx: number;
  readonly heightPx: number;
  log(): string;
  close(): Promise<void>;
}

/** Resolves when the server takes clients. Rejects when the display number is taken. */
export async function startXvnc(display: string, widthPx: number, heightPx: number): Promise<XServer> {
  const directory = mkdtempSync(join(tmpdir(), "eglantine-xvnc-"));
  const rfbSocket = join(directory, "rfb.sock");
  const geometry = ["-geometry", `${widthPx}x${heightPx}`, "-depth", "24", "-displayfd", "3"];
  const rfb = ["-rfbport", "-1", "-rfbunixpath", rfbSocket, "-rfbunixmode", "0600", "-SecurityTypes", "None"];
  const server = new Process(["Xvnc", display, ...geometry, ...rfb, "-AlwaysShared", "-nolisten", "tcp"], {
    descriptor3: true,
  });
  const close = async () => {
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await server.line(/^\d+$/);
  } catch (error) {
    await close();
    throw error;
  }
  return { display, pid: server.pid, rfbSocket, widthPx, heightPx, log: () => server.log(), close };
}
