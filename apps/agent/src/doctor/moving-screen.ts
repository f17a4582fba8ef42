// An X server of the doctor's own, with something that moves on it, so that encoders can be measured without touching the user's desktop.
// For `checks/encoder-time.ts`.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "../log.ts";
import { type XConnection, XServerLink } from "../x11/client.ts";

export interface MovingScreen {
  readonly display: string;
  close(): Promise<void>;
}

export interface MovingScreenOptions {
  /** Of Xvnc. */
  readonly program: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Rectangles that move, so many at once, each of these parts of the screen: about half of it changes. */
const RECTANGLES = 24;
const PART = 7;
const FRAME_MS = 1000 / 30;
const COLOURS = [0xb03060, 0x2e8b57, 0x4169e1, 0xdaa520, 0x708090, 0xfffaf0];
const START_MS = 8000;

/** Resolves when it moves. Rejects in words. */
export async function startMovingScreen(options: MovingScreenOptions): Promise<MovingScreen> {
  const { program, widthPx, heightPx, env, signal } = options;
  const rfbSocket = join(tmpdir(), `.eglantine-doctor-${process.pid}`);
  // A path of its own, or it would listen on TCP.
  const rfb = ["-rfbport", "-1", "-rfbunixpath", rfbSocket, "-rfbunixmode", "0600", "-SecurityTypes", "None"];
  const child = spawn(
    program,
    ["-displayfd", "3", "-geometry", `${widthPx}x${heightPx}`, "-depth", "24", "-nolisten", "tcp", ...rfb],
    { env: { ...env }, stdio: ["ignore", "ignore", "pipe", "pipe"], signal, killSignal: "SIGKILL" },
  );
  const exited = once(child, "exit").catch(() => undefined);
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await exited;
    // One that was killed leaves it.
    rmSync(rfbSocket, { force: true });
  };
  try {
    const display = `:${await readyDisplay(child)}`;
    const painter = await startPainter(display, options);
    return {
      display,
      close: async () => {
        await painter.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Its number, which it says when it takes clients. */
function readyDisplay(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const late = setTimeout(() => reject(new Error("the X server did not start in time")), START_MS);
    const end = (error: Error): void => {
      clearTimeout(late);
      reject(error);
    };
    child.stderr?.on("data", (data) => (said = `${said}${String(data)}`.slice(-2000)));
    child.stdio[3]?.once("data", (data) => {
      clearTimeout(late);
      resolve(String(data).trim());
    });
    child.once("error", end);
    child.once("exit", () => end(new Error(`the X server ended: ${said.trim().split("\n").at(-1) ?? ""}`)));
  });
}

/** A server that has just started may turn the first attempt away: the link goes on by itself. */
async function startPainter(
  display: string,
  { widthPx, heightPx }: MovingScreenOptions,
): Promise<{ close(): Promise<void> }> {
  let timer: NodeJS.Timeout | undefined;
  let late: NodeJS.Timeout | undefined;
  let link: XServerLink | undefined;
  const close = async (): Promise<void> => {
    clearTimeout(late);
    clearInterval(timer);
    await link?.close();
  };
  try {
    await new Promise<void>((resolve, reject) => {
      late = setTimeout(() => reject(new Error("the X server lets nobody draw")), START_MS);
      link = new XServerLink({
        display,
        // Our own server asks nobody for a cookie.
        xauthority: "/dev/null",
        log: createLog("silent"),
        listener: {
          onUp: async (connection) => {
            timer = paint(connection, widthPx, heightPx);
            resolve();
          },
          onDown: () => clearInterval(timer),
        },
      });
      link.start().catch(reject);
    });
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

function paint({ client, root }: XConnection, widthPx: number, heightPx: number): NodeJS.Timeout {
  const pens = COLOURS.map((foreground) => {
    const id = client.AllocID();
    client.CreateGC(id, root, { foreground });
    return id;
  });
  const [width, height] = [Math.floor(widthPx / PART), Math.floor(heightPx / PART)];
  let frame = 0;
  return setInterval(() => {
    frame += 1;
    for (let index = 0; index < RECTANGLES; index += 1) {
      const xPx = (frame * (3 + index) + index * 131) % (widthPx - width);
      const yPx = (frame * (2 + (index % 5)) + index * 211) % (heightPx - height);
      client.PolyFillRectangle(root, pens[(index + frame) % pens.length] ?? 0, [xPx, yPx, width, height]);
    }
    client.pack_stream.flush();
  }, FRAME_MS);
}
