// How the system's `ssh` is called. PURE. The user's own configuration holds (keys, agent, jump hosts, host keys), but for what would make more of
// the call than one tunnel. From `ssh-route.ts`; goes to `tunnel.ts`.

import { type AgentPlace, readAgentPlace, readDestination, type SshTarget } from "../../shared/address.ts";

export interface SshCall {
  readonly argv: readonly string[];
  /** As it is shown. */
  readonly host: string;
}

/** Ours go before those of the configuration files. */
const OPTIONS = [
  // The questions come to the user: see `askpass.ts`.
  "BatchMode=no",
  "ConnectTimeout=20",
  "ExitOnForwardFailure=yes",
  // A path that is dead is noticed within 15 s, and the tunnel opened again.
  "ServerAliveInterval=5",
  "ServerAliveCountMax=3",
  // A connection shared with other programs would outlive us, or end with them.
  "ControlMaster=no",
  "ControlPath=none",
  "ForwardAgent=no",
  "ForwardX11=no",
  "PermitLocalCommand=no",
  "RemoteCommand=none",
  "RequestTTY=no",
  "Tunnel=no",
  "StreamLocalBindMask=0177",
  // What `failure.ts` reads.
  "LogLevel=INFO",
] as const;

/**
 * `end`: where the tunnel begins on this computer, the path of a Unix socket or `127.0.0.1:PORT`. Undefined for a target with anything in it
 * that is no plain name: it may come from a link or an imported list.
 */
export function sshCall({ destination, port, agent }: SshTarget, end: string): SshCall | undefined {
  const where = readDestination(destination);
  const place = readAgentPlace(agent);
  if (where === undefined || place === undefined) return undefined;
  const argv = ["-N", "-n", "-T"];
  for (const option of OPTIONS) argv.push("-o", option);
  if (where.user !== undefined) argv.push("-l", where.user);
  if (port !== undefined) argv.push("-p", String(port));
  // Behind -- nothing is an option.
  argv.push("-L", `${end}:${farEnd(place)}`, "--", where.host);
  return { argv, host: where.host };
}

/** Asks `ssh` where that leads by the user's configuration; it opens nothing. Undefined as above. */
export function resolveCall({ destination, port }: SshTarget): readonly string[] | undefined {
  const where = readDestination(destination);
  if (where === undefined) return undefined;
  const user = where.user === undefined ? [] : ["-l", where.user];
  return ["-G", ...user, ...(port === undefined ? [] : ["-p", String(port)]), "--", where.host];
}

function farEnd(place: AgentPlace): string {
  if ("socket" in place) return place.socket;
  return `${place.host.includes(":") ? `[${place.host}]` : place.host}:${place.port}`;
}
