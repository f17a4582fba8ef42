// What the list of desktops begins with: the agents that an earlier version of the application remembered among its settings. PURE. For `store.ts`.

import type { DesktopDraft } from "../../shared/desktops.ts";
import type { KnownHost } from "../../shared/settings.ts";
import { readWebAddress } from "../../shared/web-address.ts";
import { desktopDraft } from "./read.ts";

/** In their order; what is no address of an agent is left out. */
export function firstDesktops(hosts: readonly KnownHost[]): readonly DesktopDraft[] {
  return hosts.flatMap(({ url, user }) => {
    const address = readWebAddress(url);
    if (address === undefined) return [];
    const target = { kind: "url", url: address.pageUrl } as const;
    const read = desktopDraft.safeParse({ name: new URL(address.pageUrl).host, user, target });
    return read.success ? [read.data] : [];
  });
}
