// What a further window and the first one say to each other, by postMessage within this origin. PURE. Between `further-window.ts` and
// `first-window.ts`. Tickets go this way and no other: never by an address, which is kept and logged.

export type WindowMessage =
  /** Further to first: it wants to connect. `id` counts. */
  | { readonly eglantine: "monitor-wanted"; readonly id: number }
  /** `url`: of the agent. */
  | { readonly eglantine: "monitor-ticket"; readonly id: number; readonly url: string; readonly ticket: string }
  /** `passes`: later it may be different. */
  | { readonly eglantine: "monitor-refused"; readonly id: number; readonly why: string; readonly passes: boolean }
  /** Further to first: it has the focus, or no longer. */
  | { readonly eglantine: "window-focus"; readonly focused: boolean };

/** Undefined: it is something else, of another script. */
export function readWindowMessage(data: unknown): WindowMessage | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const { eglantine, id, url, ticket, why, passes, focused } = data as Record<string, unknown>;
  if (eglantine === "window-focus" && typeof focused === "boolean") return { eglantine, focused };
  if (typeof id !== "number") return undefined;
  if (eglantine === "monitor-wanted") return { eglantine, id };
  if (eglantine === "monitor-ticket" && typeof url === "string" && typeof ticket === "string") {
    return { eglantine, id, url, ticket };
  }
  if (eglantine === "monitor-refused" && typeof why === "string" && typeof passes === "boolean") {
    return { eglantine, id, why, passes };
  }
  return undefined;
}
