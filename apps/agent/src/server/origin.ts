// Which web pages may talk to the agent, and under which names it may be called. Pure; asked by `http.ts` and
// `websocket.ts`. A browser names the page in Origin; programs that are no browsers send none.

import { isIP } from "node:net";

/** The desktop application's renderer. */
const APP_ORIGIN = "app://eglantine";

/** `host` and `protocol`: as the viewer's address bar has them; the latter where it is known (`proxies.ts`). */
export function originAllowed(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[],
  protocol?: "http:" | "https:",
): boolean {
  if (origin === undefined || origin === APP_ORIGIN) return true;
  if (allowed.some((one) => one.toLowerCase() === origin.toLowerCase())) return true;
  if (host === undefined || !URL.canParse(origin)) return false;
  const page = new URL(origin);
  if (page.protocol !== "http:" && page.protocol !== "https:") return false;
  // A page that came in clear may be anybody's, even under the same name.
  if (protocol !== undefined && page.protocol !== protocol) return false;
  // Behind a proxy that ends TLS and says nothing of it, only host and port say whose page it is.
  const own = `${page.protocol}//${host}`;
  return URL.canParse(own) && page.host === new URL(own).host;
}

/** True for an address or name that only this machine reaches. */
export function isLoopback(name: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(name);
}

/**
 * Where no password stands, which names a Host header may have: a web page whose name was made to point here (DNS rebinding) still sends its
 * own. `loopback`: those of this machine; a list: these, and any address too, which no page can have for its name.
 */
export type Names = "any" | "loopback" | readonly string[];

export function answersTo(host: string | undefined, names: Names): boolean {
  if (names === "any") return true;
  if (host === undefined) return false;
  const name = host.replace(/:\d+$/, "").toLowerCase();
  if (isLoopback(name)) return true;
  return names !== "loopback" && (isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0 || names.includes(name));
}
