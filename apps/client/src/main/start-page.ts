// Which address of the application's own page is opened: first, for a saved desktop, for a link. PURE. Asked by `main.ts`; read by the page's `page-options.ts`.
// `npm start` names the desktop it has just started by EGLANTINE_CONNECT_URL, _USER and _PASSWORD.

import { PAGE_SCHEME } from "./page-files.ts";

/** The connect page, or the desktop that the environment names. Throws nothing: what is no address is left for the page. */
export function startPage(environment: Readonly<Record<string, string | undefined>>): string {
  const page = new URL(`${PAGE_SCHEME}://eglantine/`);
  const agent = environment["EGLANTINE_CONNECT_URL"];
  if (agent === undefined || agent === "") return page.href;
  const address = URL.parse(agent);
  if (address !== null) {
    // URL leaves a percent sign of its own accord as it is.
    address.username = encodeURIComponent(environment["EGLANTINE_CONNECT_USER"] ?? "");
    address.password = encodeURIComponent(environment["EGLANTINE_CONNECT_PASSWORD"] ?? "");
  }
  page.searchParams.set("url", address?.href ?? agent);
  return page.href;
}

const HOME = `${PAGE_SCHEME}://eglantine/`;

export const homePage = (): string => HOME;

export function desktopPage(id: string): string {
  const page = new URL(HOME);
  page.searchParams.set("desktop", id);
  return page.href;
}

/** The home's form with what the link says: nothing is connected to before the user has seen it. */
export const linkPage = (link: string): string => `${HOME}#/add?${new URLSearchParams({ address: link }).toString()}`;
