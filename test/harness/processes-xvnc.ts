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

/**
 * Resolves when the server takes clients. It takes the first display number that is free, unless one is given (":80"); rejects
 * with its log when that one is taken.
 */
export async function startXvnc(widthPx: number, heightPx: number, wanted?: string): Promise<XServer> {
  const directory = mkdtempSync(join(tmpdir(), "eglantine-xvnc-"));
  const rfbSocket = join(directory, "rfb.sock");
  const geometry = ["-geometry", `${widthPx}x${heightPx}`, "-depth", "24", "-displayfd", "3"];
  const rfb = ["-rfbport", "-1", "-rfbunixpath", rfbSocket, "-rfbunixmode", "0600", "-SecurityTypes", "None"];
  const server = new Process(
    ["Xvnc", ...(wanted === undefined ? [] : [wanted]), ...geometry, ...rfb, "-AlwaysShared", "-nolisten", "tcp"],
    {
      descriptor3: true,
    },
  );
  const close = async () => {
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const display = `:${await server.line(/^\d+$/)}`;
    return { display, pid: server.pid, rfbSocket, widthPx, heightPx, log: () => server.log(), close };
  } catch (error) {
    await close();
    throw error;
  }
}
