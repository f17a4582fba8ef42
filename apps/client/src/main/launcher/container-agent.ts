// Where the agent in a container is: on which port of the engine's machine, and what its page's address is. PURE. From an engine's answer, for
// `container-route.ts` and `container-probe.ts`.

import type { Connection } from "./connection.ts";
import type { ContainerFacts } from "./engine-answers.ts";
import { portOf } from "./own-containers.ts";

/** As the engine's machine sees it: `host:port`. Undefined: it is not published. */
export function agentPlace(facts: ContainerFacts): string | undefined {
  const port = portOf(facts);
  const published = facts.ports[`${port}/tcp`];
  if (published !== undefined && published.port > 0) {
    const anywhere = published.host === "" || published.host === "0.0.0.0" || published.host === "::";
    const host = anywhere ? "127.0.0.1" : published.host;
    return `${host.includes(":") ? `[${host}]` : host}:${published.port}`;
  }
  // In the network of its machine, nothing needs to be published.
  return facts.network === "host" ? `127.0.0.1:${port}` : undefined;
}

/** That place as this computer reaches it by itself. */
export function directUrl(connection: Exclude<Connection, { readonly kind: "ssh" }>, place: string): string {
  if (connection.kind === "socket") return `http://${place}`;
  return `http://${connection.host}:${place.split(":").at(-1) ?? ""}`;
}

/** Of the page; `url` leads to the agent, wherever that is. */
export function pageOf(url: string, facts: ContainerFacts): string {
  const { protocol, host } = new URL(url);
  const scheme = schemeOf(facts) === "https" ? "https:" : protocol;
  return `${scheme}//${host}${basePath(facts)}`;
}

/** The path, with a slash at both ends. */
function basePath({ env }: ContainerFacts): string {
  const path = (env["EGLANTINE_BASE_PATH"] ?? "").replace(/^\/+|\/+$/g, "");
  return path === "" ? "/" : `/${path}/`;
}

const schemeOf = ({ env }: ContainerFacts) =>
  /^(true|1|yes|on)$/i.test(env["ENABLE_HTTPS_WEB"] ?? env["SELKIES_ENABLE_HTTPS"] ?? "") ? "https" : "http";
