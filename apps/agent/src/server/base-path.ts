// The path below which a reverse proxy shows the agent (EGLANTINE_BASE_PATH). Some proxies take it away before they pass a request
// on and some do not: both are understood. Pure. Asked by `http.ts` before anything looks at a request's path.

/** `/desk` of `/desk` and `/desk/`; empty for none. Options have seen to the slash in front. */
export function basePathOf(option: string): string {
  return option.replace(/\/+$/, "");
}

/** The path and query below the base: as it is where the base has been taken away already. */
export function belowBase(base: string, url: string): string {
  if (base === "" || !url.startsWith(base)) return url;
  const rest = url.slice(base.length);
  return rest.startsWith("/") ? rest : url;
}

/** Where a browser must go instead, since the page's own addresses are relative: `/desk` → `/desk/`. Undefined: nowhere. */
export function slashRedirect(base: string, url: string): string | undefined {
  const [path, query] = url.split("?", 2);
  if (base === "" || path !== base) return undefined;
  // Relative to the request, whatever further path stands before it outside.
  const name = base.slice(base.lastIndexOf("/") + 1);
  return `./${name}/${query === undefined ? "" : `?${query}`}`;
}
