// Which file of the built page an address of the application's own scheme means, and what it is. PURE.
// Used by `window.ts`, which reads and sends it.

import { extname, join, normalize, sep } from "node:path";

export const PAGE_SCHEME = "app";
export const PAGE_HOST = "eglantine";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

export interface PageFile {
  readonly path: string;
  readonly contentType: string;
}

/** The file below `folder`, or undefined for another host, a place outside of the folder or an unknown kind of file. */
export function pageFile(folder: string, address: string): PageFile | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (url.protocol !== `${PAGE_SCHEME}:` || url.host !== PAGE_HOST) return undefined;
  const name = decodePath(url.pathname);
  if (name === undefined || name.includes("\0") || name.includes("\\")) return undefined;
  const path = normalize(join(folder, name === "/" ? "index.html" : name));
  const contentType = TYPES[extname(path)];
  if (!path.startsWith(normalize(folder) + sep) || contentType === undefined) return undefined;
  return { path, contentType };
}

/** True for an address that the window may show. */
export function isOwnPage(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, host } = new URL(address);
  return protocol === `${PAGE_SCHEME}:` && host === PAGE_HOST;
}

/** True for what the page may open in a window of its own: a desktop, and one more monitor of the one it shows. */
export function opensWindow(address: string): boolean {
  if (!isOwnPage(address)) return false;
  const { searchParams } = new URL(address);
  return searchParams.get("monitor") === "true" || searchParams.has("desktop");
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
