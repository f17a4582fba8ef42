// Ports for what the tests start: free for TCP and UDP on the loopback address, and outside the range from which the kernel
// gives outgoing connections theirs (32768 and up on Linux), so that an agent may leave one and take it again.

import { nextFree } from "../../image/local/ports.mjs";

const FIRST_PORT = 20_000;
const PORTS = 10_000;
/** From another place in each process, and on from there: no port is given twice. */
let offset = Math.floor(Math.random() * PORTS);

export async function freePort(): Promise<number> {
  const port = await nextFree("127.0.0.1", FIRST_PORT + offset);
  if (port === undefined) throw new Error(`no free port in the hundred from ${FIRST_PORT + offset} on`);
  offset = (port - FIRST_PORT + 1) % PORTS;
  return port;
}
