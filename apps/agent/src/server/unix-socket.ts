// The agent's Unix socket: for viewers that come through an SSH tunnel, and for this user alone. Used by `http.ts`.

import { lstat, mkdir, unlink } from "node:fs/promises";
import { connect, type Server } from "node:net";
import { dirname } from "node:path";
import { codeOf, messageOf, StartError } from "../errors.ts";

/** Mode 0600: whoever may open it is this user, or root. */
const UMASK = 0o177;

/** Makes room for the socket: one that an agent left behind is removed. Throws StartError for anything else that stands there. */
export async function clearSocket(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    if (!(await lstat(path)).isSocket()) throw new StartError(`EGLANTINE_LISTEN: ${path} is there and is no socket`);
    if (await isAnswered(path)) throw new StartError(`EGLANTINE_LISTEN: another program listens on ${path}`);
    await unlink(path);
  } catch (error) {
    if (error instanceof StartError) throw error;
    if (codeOf(error) !== "ENOENT") throw new StartError(`EGLANTINE_LISTEN: ${path} can't be had: ${messageOf(error)}`);
  }
}

/** The socket has its mode from its first moment on: bound within the call. */
export function listenOn(server: Server, path: string, listening: () => void): void {
  const before = process.umask(UMASK);
  try {
    server.listen({ path }, listening);
  } finally {
    process.umask(before);
  }
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const done = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.once("connect", () => done(true));
    socket.once("error", () => done(false));
  });
}
