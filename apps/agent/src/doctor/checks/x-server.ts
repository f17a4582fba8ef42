// Checks: the X server of the desktop and the extensions that the agent needs, and its RFB socket.

import { once } from "node:events";
import { connect } from "node:net";
import { codeOf } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { type XConnection, XServerLink } from "../../x11/client.ts";
import type { Check, Finding } from "../types.ts";

export const xServer: Check = {
  name: "x-server",
  group: "display",
  title: "X server",
  doc: "The X display answers, and has XTEST, DAMAGE, MIT-SHM, RANDR, XFIXES and XInputExtension.",
  limitMs: 10_000,
  run: async ({ config, log }, signal) =>
    judgeX(
      config.display,
      config.surroundings.displayNamed,
      await lookAtX(config.display, config.xauthority, log, signal),
    ),
};

/** By X's name: without it there is no desktop, or what is lost. */
const EXTENSIONS = [
  { name: "XTEST", needed: true, lost: "no keys and no pointer reach the desktop" },
  { name: "DAMAGE", needed: true, lost: "changes of the screen are not told, so that there is no picture" },
  { name: "MIT-SHM", needed: true, lost: "the picture can't be read off the screen fast enough" },
  { name: "XFIXES", needed: true, lost: "no pointer's shape and no clipboard" },
  { name: "RANDR", needed: false, lost: "the desktop keeps its size" },
  { name: "XInputExtension", needed: false, lost: "no pressure of pens" },
] as const;

export type XLook =
  | { readonly widthPx: number; readonly heightPx: number; readonly extensions: readonly string[] }
  | { readonly why: string };

/** `named`: somebody said that this display is there. */
export function judgeX(display: string, named: boolean, look: XLook): Finding {
  if ("why" in look) {
    const seen = `${display} does not answer: ${look.why}`;
    if (named) {
      return {
        verdict: "fail",
        seen,
        means: "There is no desktop to show",
        fix: "DISPLAY=… of a running X server, and XAUTHORITY=… with its cookie; eglantine-session starts both",
      };
    }
    return {
      verdict: "skip",
      seen: "No X display is named, and none runs here",
      means: "There is no desktop to look at",
      fix: "ask in a running desktop: docker exec CONTAINER eglantine doctor, or the client's Doctor panel",
    };
  }
  const missing = EXTENSIONS.filter(({ name }) => !look.extensions.includes(name));
  const details = EXTENSIONS.map(({ name, lost }) => `${name}: ${look.extensions.includes(name) ? "here" : lost}`);
  const seen = `${display}, ${look.widthPx}x${look.heightPx}`;
  if (missing.length === 0) {
    return { verdict: "pass", seen: `${seen}, with all extensions`, means: "The agent can show and drive it", details };
  }
  return {
    verdict: missing.some(({ needed }) => needed) ? "fail" : "warn",
    seen: `${seen}, without ${missing.map(({ name }) => name).join(", ")}`,
    means: missing.map(({ lost }) => lost).join("; "),
    fix: "an X server that has them: Xvnc of TigerVNC, as eglantine-session starts it, or Xorg",
    details,
  };
}

async function lookAtX(display: string, xauthority: string, log: Log, signal: AbortSignal): Promise<XLook> {
  let look: XLook = { why: "the X server closed the connection" };
  const link = new XServerLink({
    display,
    xauthority,
    log,
    listener: {
      onUp: async (connection) => {
        const { widthPx, heightPx } = connection;
        look = { widthPx, heightPx, extensions: await extensionsOf(connection) };
      },
      onDown: () => undefined,
    },
  });
  const abort = (): void => void link.close();
  signal.addEventListener("abort", abort, { once: true });
  try {
    await link.start();
    return look;
  } finally {
    signal.removeEventListener("abort", abort);
    await link.close();
  }
}

async function extensionsOf(connection: XConnection): Promise<readonly string[]> {
  const present: string[] = [];
  for (const { name } of EXTENSIONS) {
    const answer = await connection.ask<{ readonly present: number }>((callback) =>
      connection.client.QueryExtension(name, callback),
    );
    if (answer.present !== 0) present.push(name);
  }
  return present;
}

export const rfbSocket: Check = {
  name: "rfb-socket",
  group: "display",
  title: "RFB socket",
  doc: "EGLANTINE_RFB_SOCKET: the X server greets there. noVNC and further monitors go by it.",
  limitMs: 5000,
  run: async ({ config }, signal) => judgeRfb(config.rfbSocket, await greeting(config.rfbSocket, signal)),
};

const GREETING_MS = 3000;

/** `said`: the first bytes, or why there are none. */
export function judgeRfb(path: string | undefined, said: string): Finding {
  if (path === undefined) {
    return {
      verdict: "skip",
      seen: "EGLANTINE_RFB_SOCKET is not set",
      means: "No noVNC and no further monitors: the session sets it for its own X server",
    };
  }
  if (/^RFB 003\.\d{3}\n$/.test(said)) {
    return { verdict: "pass", seen: said.trim(), means: "noVNC and further monitors can be had" };
  }
  return {
    verdict: "fail",
    seen: `${path}: ${said}`,
    means: "No noVNC, which is the last resort of viewers, and no further monitors",
    fix: "EGLANTINE_RFB_SOCKET=… must be what Xvnc was told by -rfbunixpath; the X server's log is in log/xvnc of EGLANTINE_RUN_DIR",
  };
}

async function greeting(path: string | undefined, signal: AbortSignal): Promise<string> {
  if (path === undefined) return "";
  const socket = connect({ path, signal, timeout: GREETING_MS });
  try {
    socket.once("timeout", () => socket.destroy(new Error("nothing is said there")));
    const [data] = (await once(socket, "data")) as [Buffer];
    return data.toString("latin1", 0, 12);
  } catch (error) {
    signal.throwIfAborted();
    return codeOf(error) ?? (error instanceof Error ? error.message : String(error));
  } finally {
    socket.destroy();
  }
}
