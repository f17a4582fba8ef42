// From what a user enters, or a link says, to where a desktop is: an agent's page, or one behind SSH. PURE: nothing is opened here, and a
// link is only read. A password in an address is taken out and forgotten: addresses end up in files, in histories and on screens.
// From the page's forms and the shell's `main.ts`; its targets are those of a saved desktop, and go to their routes.

import { decoded, hasScheme, readWebAddress } from "./web-address.ts";

export const LINK_SCHEME = "eglantine";

export interface UrlTarget {
  readonly kind: "url";
  /** The agent's page: without user and password. */
  readonly url: string;
}

export interface SshTarget {
  readonly kind: "ssh";
  /** `host` or `user@host`; the host may be a name of the user's own SSH configuration. */
  readonly destination: string;
  readonly port?: number;
  /** Where the agent listens, as that machine sees it: `127.0.0.1:8080`, or the absolute path of a Unix socket. */
  readonly agent: string;
}

export interface Address {
  readonly target: UrlTarget | SshTarget;
  /** The agent's user, where the address named one. */
  readonly user?: string;
  /** There was a password, which was left out: the user is told, and asked for it where it is needed. */
  readonly passwordLeftOut: boolean;
}

/** Each has a sentence and a remedy in every language: `trust.failed.…`, `trust.remedy.…`. */
export const ADDRESS_REASONS = [
  "address-empty",
  "address-long",
  "address-characters",
  "address-scheme",
  "address-host",
  "address-user",
  "address-port",
  "address-agent",
  "address-link",
] as const;

export type AddressReason = (typeof ADDRESS_REASONS)[number];

/** Nothing of the address stands in it: it may be a password. */
export type AddressRead = { readonly ok: Address } | { readonly failed: { readonly reason: AddressReason } };

const ADDRESS_CHARS_MAX = 2048;
/** Where an agent listens when nothing is said. */
const USUAL_AGENT = "127.0.0.1:8080";
/** Linux's limit on the path of a Unix socket, without its last zero. */
const SOCKET_PATH_CHARS_MAX = 107;

// What a name may be made of: nothing that a shell, or ssh's own configuration (%h, ${HOME}), could take for more than a name; and no
// dash in front, which would make an option of it.
const USER = /^[A-Za-z0-9_][A-Za-z0-9_.@+\\-]{0,63}$/;
const HOST = /^(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}|[0-9A-Fa-f:]{2,45})$/;
const SOCKET_PATH = /^\/[A-Za-z0-9_.@+,=/-]+$/;

/** Of what a user enters: `https://host:port/path`, `host:port`, `ssh://user@host`, or a link. */
export function readAddress(text: string): AddressRead {
  const trimmed = text.trim();
  if (trimmed === "") return refused("address-empty");
  if (trimmed.length > ADDRESS_CHARS_MAX) return refused("address-long");
  // URL would drop some of these silently, and a link would read as something else than it is.
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(trimmed)) return refused("address-characters");
  const scheme = hasScheme(trimmed) ? trimmed.slice(0, trimmed.indexOf(":")).toLowerCase() : "";
  const rest = trimmed.slice(scheme === "" ? 0 : scheme.length + "://".length);
  if (scheme === LINK_SCHEME) return readLinkTarget(rest);
  if (scheme === "ssh") return readSshAddress(rest);
  if (!["", "http", "https", "ws", "wss"].includes(scheme)) return refused("address-scheme");
  const address = readWebAddress(trimmed);
  if (address === undefined) return refused(hasWrongPort(rest) ? "address-port" : "address-host");
  return {
    ok: {
      target: { kind: "url", url: address.pageUrl },
      ...(address.user === undefined ? {} : { user: address.user }),
      passwordLeftOut: address.password !== undefined,
    },
  };
}

/** Of a link that the operating system hands over: `eglantine://…` and nothing else. */
export function readLink(link: string): AddressRead {
  return link.trim().toLowerCase().startsWith(`${LINK_SCHEME}://`) ? readAddress(link) : refused("address-link");
}

/** The text that `readAddress` reads as this target. */
export function addressOf(target: UrlTarget | SshTarget): string {
  if (target.kind === "url") return target.url;
  const port = target.port === undefined ? "" : `:${target.port}`;
  const { user, host } = readDestination(target.destination) ?? { user: undefined, host: target.destination };
  const where = `${user === undefined ? "" : `${user}@`}${host.includes(":") ? `[${host}]` : host}${port}`;
  if (target.agent === USUAL_AGENT) return `ssh://${where}`;
  return `ssh://${where}${target.agent.startsWith("/") ? target.agent : `?agent=${target.agent}`}`;
}

export interface Destination {
  readonly user: string | undefined;
  readonly host: string;
}

/** Undefined for what could be anything but a user and a host: asked again right before `ssh` is started. */
export function readDestination(destination: string): Destination | undefined {
  // A user name may have an @ in it, a host has none.
  const at = destination.lastIndexOf("@");
  const user = at < 0 ? undefined : destination.slice(0, at);
  const host = destination.slice(at + 1);
  return HOST.test(host) && (user === undefined || USER.test(user)) ? { user, host } : undefined;
}

export type AgentPlace = { readonly socket: string } | { readonly host: string; readonly port: number };

/** Of `8080`, `127.0.0.1:8080`, `[::1]:8080`, `/run/user/1000/eglantine.sock`. Undefined for anything else. */
export function readAgentPlace(agent: string): AgentPlace | undefined {
  if (agent.startsWith("/")) {
    return SOCKET_PATH.test(agent) && agent.length <= SOCKET_PATH_CHARS_MAX ? { socket: agent } : undefined;
  }
  const parts = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(agent);
  const host = parts?.[1] ?? parts?.[2] ?? "127.0.0.1";
  const port = readPort(parts?.[3]);
  return port === undefined || !HOST.test(host) ? undefined : { host, port };
}

/** `eglantine://host:port/path` is the agent's page there; `eglantine://connect?to=ADDRESS` takes every other address. */
function readLinkTarget(rest: string): AddressRead {
  const query = /^connect\/?\?([^#]*)/i.exec(rest)?.[1];
  if (query === undefined) return hasScheme(rest) || rest === "" ? refused("address-link") : readAddress(rest);
  const to = parameter(query, "to");
  if (to === undefined) return refused("address-link");
  // No link in a link.
  return to.trim().toLowerCase().startsWith(`${LINK_SCHEME}:`) ? refused("address-link") : readAddress(to);
}

/** `[user[:password]@]host[:port][/path/of/a/socket | ?agent=8080]` */
function readSshAddress(rest: string): AddressRead {
  const [, authority = "", path = "", query = ""] = /^([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?/.exec(rest) ?? [];
  const at = authority.lastIndexOf("@");
  const [name, ...passwords] = at < 0 ? [] : authority.slice(0, at).split(":");
  const [, bracketed, plain, portText] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/.exec(authority.slice(at + 1)) ?? [];
  const host = bracketed ?? plain ?? "";
  if (!HOST.test(host) || (bracketed === undefined) === host.includes(":")) return refused("address-host");
  const user = name === undefined ? undefined : decoded(name);
  if (user !== undefined && !USER.test(user)) return refused("address-user");
  const port = readPort(portText);
  if (portText !== undefined && port === undefined) return refused("address-port");
  const asked = parameter(query, "agent");
  const socket = path === "/" ? "" : decoded(path);
  const place = readAgentPlace(asked ?? (socket === "" ? USUAL_AGENT : socket));
  if (place === undefined || (asked !== undefined && socket !== "")) return refused("address-agent");
  return {
    ok: {
      target: {
        kind: "ssh",
        destination: user === undefined ? host : `${user}@${host}`,
        ...(port === undefined ? {} : { port }),
        agent: agentText(place),
      },
      passwordLeftOut: passwords.join("") !== "",
    },
  };
}

function agentText(place: AgentPlace): string {
  if ("socket" in place) return place.socket;
  return `${place.host.includes(":") ? `[${place.host}]` : place.host}:${place.port}`;
}

/** 1 to 65535. */
function readPort(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : undefined;
}

function hasWrongPort(rest: string): boolean {
  const port = /^[^/?#]*[^:/?#\]]:([^/?#:\]]*)/.exec(rest.replace(/^[^/?#]*@/, ""))?.[1];
  return port !== undefined && port !== "" && readPort(port) === undefined;
}

function parameter(query: string, name: string): string | undefined {
  const pair = query.split("&").find((one) => one.startsWith(`${name}=`));
  return pair === undefined ? undefined : decoded(pair.slice(name.length + 1));
}

function refused(reason: AddressReason): AddressRead {
  return { failed: { reason } };
}
