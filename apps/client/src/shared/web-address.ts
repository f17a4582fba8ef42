// From text to the page of an agent. PURE. Used by the page's `connection/agent-url.ts`, by `address.ts` and by the shell.

export interface WebAddress {
  /** Always with a slash at its end; without user, password, query and fragment: what is shown and remembered. */
  readonly pageUrl: string;
  /** From `user:password@` in the address: for this one connection, never kept. */
  readonly user?: string;
  readonly password?: string;
}

/** As long as an address may be that the page asks the shell about. */
export const PAGE_URL_CHARS_MAX = 2048;

/**
 * Reads `https://host/prefix/`, `host:8080`, `ws://…`. Without a scheme: http for this machine, else https (a
 * password would travel in clear otherwise; who wants that writes `http://`). Undefined for what is no address.
 */
export function readWebAddress(text: string): WebAddress | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  const candidate = hasScheme(trimmed) ? trimmed : `${defaultScheme(trimmed)}://${trimmed}`;
  if (!URL.canParse(candidate)) return undefined;
  const url = new URL(candidate);
  const secure = url.protocol === "https:" || url.protocol === "wss:";
  if (!secure && url.protocol !== "http:" && url.protocol !== "ws:") return undefined;
  const path = url.pathname.endsWith("/") ? url.pathname : `${url.pathname}/`;
  const user = decoded(url.username);
  const password = decoded(url.password);
  const pageUrl = `${secure ? "https" : "http"}://${url.host}${path}`;
  if (pageUrl.length > PAGE_URL_CHARS_MAX) return undefined;
  return {
    pageUrl,
    ...(user === "" ? {} : { user }),
    ...(password === "" ? {} : { password }),
  };
}

export function hasScheme(address: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(address);
}

/** Whether a password that is sent there can be read on the way: http to another machine. */
export function travelsInClear(pageUrl: string): boolean {
  if (!URL.canParse(pageUrl)) return false;
  const { protocol, hostname } = new URL(pageUrl);
  return (protocol === "http:" || protocol === "ws:") && !isLoopbackHost(hostname);
}

/** A host that only this machine reaches, as URL writes it. */
function isLoopbackHost(hostname: string): boolean {
  return /^((.+\.)?localhost|127\.\d+\.\d+\.\d+|\[::1\])$/i.test(hostname);
}

function defaultScheme(address: string): "http" | "https" {
  return isLoopbackHost(/^(\[[^\]]*\]|[^:/]*)/.exec(address)?.[0] ?? "") ? "http" : "https";
}

/** What is not percent-encoded stands as it is. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return part;
    throw error;
  }
}
