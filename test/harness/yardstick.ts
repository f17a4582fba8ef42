// What we measure ourselves against: the same X server's own RFB through Debian's websockify to Debian's noVNC, with
// the settings that noVNC has by default (quality 6, compression 2, no scaling). Used by bench/side.ts.

import { untilAnswer } from "./health.ts";
import { freePort } from "./ports.ts";
import { Process } from "./processes.ts";
import type { XServer } from "./processes-xvnc.ts";

export const NOVNC = "/usr/share/novnc";

export interface RunningYardstick {
  readonly url: string;
  readonly pid: number;
  log(): string;
  close(): Promise<void>;
}

export async function startNoVnc(server: XServer): Promise<RunningYardstick> {
  const port = await freePort();
  const proxy = new Process(["websockify", "--web", NOVNC, `--unix-target=${server.rfbSocket}`, `127.0.0.1:${port}`]);
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilAnswer(`${url}/vnc.html`, 200, { server: proxy, limitMs: 15_000 });
  } catch (error) {
    await proxy.close();
    throw error;
  }
  return { url, pid: proxy.pid, log: () => proxy.log(), close: () => proxy.close() };
}
