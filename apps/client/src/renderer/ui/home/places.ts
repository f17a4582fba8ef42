// Where the home leads: the list at its side, in order, and what is reached from there. Each part adds its own place, and the words for it in `home.json`
// (`place-…`); a place is fetched when it is gone to. Used by `home.tsx`.

import { type ComponentType, lazy, type LazyExoticComponent } from "react";
import type { Bridge } from "../../../shared/bridge.ts";
import type { Client } from "../../client.ts";
import type { MessageKey } from "../../messages/areas.ts";

export interface PlaceProps {
  readonly bridge: Bridge;
  readonly client: Client;
  /** What stands behind the place in the address: `#/add?address=…`. */
  readonly query: URLSearchParams;
}

export interface Place {
  /** Behind `#/` in the address. */
  readonly path: string;
  readonly label: MessageKey<"home">;
  /** Its sign in the list: strokes in 16 × 16. Without one it is not in the list. */
  readonly sign?: string;
  readonly component: LazyExoticComponent<ComponentType<PlaceProps>>;
}

export const PLACES: readonly Place[] = [
  {
    path: "",
    label: "place-desktops",
    sign: "M2 3h12v8H2zM6 14h4M8 11v3",
    component: lazy(async () => ({ default: (await import("./desktops-place.tsx")).DesktopsPlace })),
  },
  {
    path: "add",
    label: "place-add",
    component: lazy(async () => ({ default: (await import("./add-place.tsx")).AddPlace })),
  },
  {
    path: "launch",
    label: "place-launch",
    sign: "M8 1.8l5.4 3.1v6.2L8 14.2l-5.4-3.1V4.9zM2.6 4.9L8 8l5.4-3.1M8 8v6.2",
    component: lazy(async () => ({ default: (await import("../launcher/launch-place.tsx")).LaunchPlace })),
  },
  {
    path: "kubernetes",
    label: "place-kubernetes",
    sign: "M8 3.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9M8 1.5v13M1.5 8h13M3.4 3.4l9.2 9.2M12.6 3.4l-9.2 9.2",
    component: lazy(async () => ({ default: (await import("../kubernetes/kubernetes-place.tsx")).KubernetesPlace })),
  },
  {
    path: "settings",
    label: "place-settings",
    sign: "M2 4.5h7m3 0h2M2 11.5h2m3 0h7M10.5 3v3M5.5 10v3",
    component: lazy(async () => ({ default: (await import("../settings/settings-place.tsx")).SettingsPlace })),
  },
];

/** `#/launch?image=x` → the place "launch" and its query. What leads nowhere leads to the first. */
export function placeOf(hash: string): { readonly place: Place | undefined; readonly query: URLSearchParams } {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  return { place: PLACES.find((one) => one.path === path) ?? PLACES[0], query: new URLSearchParams(query) };
}

export const hasPlace = (path: string): boolean => PLACES.some((one) => one.path === path);
