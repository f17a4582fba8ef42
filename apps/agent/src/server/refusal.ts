// A refusal on a socket that HTTP has handed over or never understood. Used by `http.ts`, `websocket.ts` and `vnc-proxy.ts`.

import type { Duplex } from "node:stream";

/**
 * Writes `status` (code and phrase), then lets the socket go. Node keeps half-open sockets: one that is only ended stays
 * until the peer ends it too, which a silent one never does.
 */
export function refuse(socket: Duplex, status: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}
