// Whose words the steps and failures of a route are: the areas of the catalogue that have `step.…`, `failed.…` and `remedy.…` for a route of the shell
// (`main/desktops/types.ts`). Each part with a route adds its own. Used by `opening-page.tsx` and
// `../trust/ssh-stopped.tsx`.

import type { Area } from "../../messages/areas.ts";

const ROUTE_AREAS = ["home", "kubernetes", "launcher", "ssh", "trust"] as const satisfies readonly Area[];

export function routeArea(area: string): Area {
  const known = ROUTE_AREAS.find((one) => one === area);
  if (known === undefined) throw new Error(`no words of ${area}`);
  return known;
}

/** Of the words in such an area. */
export const ROUTE_KEYS = {
  step: (step: string) => `step.${step}`,
  failed: (reason: string) => `failed.${reason}`,
  remedy: (reason: string) => `remedy.${reason}`,
} as const;
