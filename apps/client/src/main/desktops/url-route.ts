// The route to an agent that this computer reaches by itself: nothing is to be opened. See `types.ts`.

import type { HealthProbe } from "./probe.ts";
import type { Route, TargetOf } from "./types.ts";

export function urlRoute(health: HealthProbe): Route<TargetOf<"url">> {
  return {
    area: "trust",
    open: ({ url }) => Promise.resolve({ url, close: () => Promise.resolve() }),
    probe: ({ url }, signal) => health.ask(url, signal),
  };
}
