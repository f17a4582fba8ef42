// A port that is free for TCP (page, signalling) and UDP (media) at once. Used by start.mjs.
import { createSocket } from "node:dgram";
import { createServer } from "node:net";

/** @param {string} host @param {number} port @returns {Promise<boolean>} */
async function tcpIsFree(host, port) {
  const server = createServer();
  const free = await new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, host, () => resolve(true));
  });
  if (free) await new Promise((resolve) => server.close(resolve));
  return free;
}

/** @param {string} host @param {number} port @returns {Promise<boolean>} */
async function udpIsFree(host, port) {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  const free = await new Promise((resolve) => {
    socket.once("error", () => resolve(false));
    socket.bind(port, host, () => resolve(true));
  });
  await new Promise((resolve) => socket.close(() => resolve(undefined)));
  return free;
}

/** @param {string} host @param {number} port @returns {Promise<boolean>} */
export async function isFree(host, port) {
  return (await tcpIsFree(host, port)) && (await udpIsFree(host, port));
}

/**
 * The first free port from `first` on, of a hundred.
 * @param {string} host
 * @param {number} first
 * @returns {Promise<number | undefined>}
 */
export async function nextFree(host, first) {
  for (let port = first; port < first + 100; port++) if (await isFree(host, port)) return port;
  return undefined;
}
