// The picture's way in words: a name, and why it is this one. PURE. From the connection's facts and the browser's counters, to
// `ui/stats-overlay.tsx`.

import type { Sentence } from "../messages/said.ts";
import type { Path } from "@eglantine/protocol/formats";

/** Of `connection.ts`'s facts. */
export interface PathFacts {
  readonly path?: { readonly path: Path; readonly why: string };
  readonly trouble?: Sentence | undefined;
}

export interface PathWords {
  readonly name: string;
  readonly why?: string;
}

/** `shown`: the path that is seen now. `route`: WebRTC's, as `video/stats.ts` reads it; empty where it is not known. */
export function describePath(
  { path, trouble: unsaid }: PathFacts,
  shown: "webrtc" | "socket" | undefined,
  route: string,
  say: (sentence: Sentence) => string,
): PathWords {
  const seen = shown ?? path?.path;
  if (seen === undefined) return { name: "…" };
  const said = path?.path === seen ? path.why : "";
  if (seen === "vnc") return words("VNC", said);
  if (seen === "webrtc") return words(route === "" ? "WebRTC" : `WebRTC, ${route}`, said);
  const trouble = unsaid === undefined ? "" : say(unsaid);
  const found = said.includes(trouble) ? "" : trouble;
  return words("TCP", said === "" || found === "" ? said + found : `${said} (${found})`);
}

function words(name: string, why: string): PathWords {
  return why === "" ? { name } : { name, why };
}
