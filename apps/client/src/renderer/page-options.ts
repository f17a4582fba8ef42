// What the page's address asks for: the query parameters that operators and tests set. Read once by `main.ts`.

export interface PageOptions {
  /** `?url=`: connect there instead of to the page's own origin; an agent's page asks first, the application does not. */
  readonly url?: string;
  /** `?desktop=`: the saved desktop that the application's page is for. */
  readonly desktop?: string;
  /** `?resize=false`: leave the desktop's size alone. */
  readonly resize?: boolean;
  /** `?scale=fit|native`. */
  readonly scale?: "fit" | "native";
  /** `?stats=true`: show the statistics. */
  readonly stats?: boolean;
  /** `?relay=true`: WebRTC only by way of a TURN server, to try one. */
  readonly relay?: boolean;
  /** `?monitor=true`: a further window, which another one opened for one more monitor. */
  readonly monitor?: boolean;
  /** `?crashed=true`: the application has loaded the page several times after it died, and leaves the next time to the user. */
  readonly crashed?: boolean;
}

export function readPageOptions(search: string): PageOptions {
  const query = new URLSearchParams(search);
  const url = query.get("url");
  const desktop = query.get("desktop");
  const scale = query.get("scale");
  const resize = readFlag(query.get("resize"));
  const stats = readFlag(query.get("stats"));
  const relay = readFlag(query.get("relay"));
  const monitor = readFlag(query.get("monitor"));
  const crashed = readFlag(query.get("crashed"));
  return {
    ...(url === null || url === "" ? {} : { url }),
    ...(desktop === null || desktop === "" ? {} : { desktop }),
    ...(scale === "fit" || scale === "native" ? { scale } : {}),
    ...(resize === undefined ? {} : { resize }),
    ...(stats === undefined ? {} : { stats }),
    ...(relay === undefined ? {} : { relay }),
    ...(monitor === undefined ? {} : { monitor }),
    ...(crashed === undefined ? {} : { crashed }),
  };
}

function readFlag(value: string | null): boolean | undefined {
  if (value === "true" || value === "1") return true;
  if (value === "false" || value === "0") return false;
  return undefined;
}
