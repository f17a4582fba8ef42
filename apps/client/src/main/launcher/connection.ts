// From an engine's address to how it is reached: a socket, a named pipe, TCP with TLS, `ssh`. Addresses come from the page and from the user's own
// Docker settings: what they may say is checked here, before anything is opened. Used by `docker.ts`.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type DockerContext, readContexts } from "./contexts.ts";
import { LauncherError } from "./failure.ts";

/** Of the program, not of an engine: whose Docker settings count. */
export interface DockerSurroundings {
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly uid: number;
}

export interface TlsFiles {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly verify: boolean;
}

export type Connection =
  | { readonly kind: "socket"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number; readonly tls?: TlsFiles }
  | { readonly kind: "ssh"; readonly destination: string; readonly port?: number; readonly socket?: string };

const wrong = (address: string) => new LauncherError("addressInvalid", { address });

/** Where the Docker CLI keeps its settings. */
export const dockerFolder = ({ env, home }: DockerSurroundings): string =>
  env["DOCKER_CONFIG"] ?? join(home, ".docker");

/** The loopback addresses: what goes there is on no network. */
const isLoopback = (host: string) => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host);

/** PURE. What an address of DOCKER_HOST's form says; TLS is another matter. */
export function parseAddress(address: string): Connection {
  if (address.startsWith("unix://")) {
    const path = address.slice("unix://".length);
    if (!path.startsWith("/") || path.includes("\0")) throw wrong(address);
    return { kind: "socket", path };
  }
  if (address.startsWith("npipe://")) {
    const path = address.slice("npipe://".length).replaceAll("\\", "/");
    if (!/^\/\/\.\/pipe\/[\w.-]+$/.test(path)) throw wrong(address);
    return { kind: "socket", path };
  }
  if (!/^(ssh|tcp):\/\//.test(address) || !URL.canParse(address)) throw wrong(address);
  const url = new URL(address);
  // A password in an address would be shown and kept with it.
  if (url.password !== "" || url.search !== "" || url.hash !== "") throw wrong(address);
  if (url.protocol === "tcp:") {
    if (url.username !== "" || url.port === "" || url.hostname === "" || !/^\/?$/.test(url.pathname))
      throw wrong(address);
    return { kind: "tcp", host: url.hostname, port: Number(url.port) };
  }
  const [user, host] = [decodeURIComponent(url.username), url.hostname.replace(/^\[|\]$/g, "")];
  // Never taken for an option, nor for more than one word.
  if (!/^[\w.:%][\w.:%-]*$/.test(host) || (user !== "" && !/^[\w.][\w.@+-]*$/.test(user))) throw wrong(address);
  const path = url.pathname;
  if (path !== "" && path !== "/" && !/^\/[\w./-]+$/.test(path)) throw wrong(address);
  return {
    kind: "ssh",
    destination: user === "" ? host : `${user}@${host}`,
    ...(url.port === "" ? {} : { port: Number(url.port) }),
    ...(path.length > 1 ? { socket: path } : {}),
  };
}

async function readTls(folder: string, verify: boolean, address: string): Promise<TlsFiles> {
  const [ca, cert, key] = await Promise.all(
    ["ca.pem", "cert.pem", "key.pem"].map(async (name) => {
      const path = join(folder, name);
      return existsSync(path) ? readFile(path) : undefined;
    }),
  );
  if (verify && ca === undefined) throw new LauncherError("engineTls", { engine: address, why: `${folder}/ca.pem` });
  return { verify, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}

/** A context of the CLI, with the TLS files that it has. */
async function fromContext(context: DockerContext, address: string): Promise<Connection> {
  const connection = parseAddress(context.host);
  if (connection.kind !== "tcp" || context.tls === undefined) return connection;
  return { ...connection, tls: await readTls(context.tls, !context.skipTlsVerify, address) };
}

/** DOCKER_HOST, with DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, as the CLI takes them. */
async function fromEnvironment(surroundings: DockerSurroundings, address: string): Promise<Connection> {
  const { env } = surroundings;
  const connection = parseAddress(env["DOCKER_HOST"] ?? "");
  const verify = (env["DOCKER_TLS_VERIFY"] ?? "") !== "";
  if (connection.kind !== "tcp" || (!verify && env["DOCKER_CERT_PATH"] === undefined)) return connection;
  return { ...connection, tls: await readTls(env["DOCKER_CERT_PATH"] ?? dockerFolder(surroundings), verify, address) };
}

/**
 * How to reach the engine with this address (see `Engine` of shared/launcher.ts). What was typed in has TLS, with the files that the CLI would take,
 * unless it stays on this machine; what the user's own Docker settings say is done as they say it.
 */
export async function findConnection(address: string, surroundings: DockerSurroundings): Promise<Connection> {
  if (address === "environment:") return fromEnvironment(surroundings, address);
  if (address.startsWith("context:")) {
    const name = address.slice("context:".length);
    const context = (await readContexts(dockerFolder(surroundings))).find((one) => one.name === name);
    if (context === undefined) throw wrong(address);
    return fromContext(context, address);
  }
  const connection = parseAddress(address);
  if (connection.kind !== "tcp" || isLoopback(connection.host)) return connection;
  const folder = surroundings.env["DOCKER_CERT_PATH"] ?? dockerFolder(surroundings);
  return { ...connection, tls: await readTls(folder, true, address) };
}
