// The route to an agent that this computer reaches by itself: nothing is to be opened, but the server is to be trusted first. See `types.ts`.

import { endpointOf } from "../trust/certificate.ts";
import type { Trust } from "../trust/trust.ts";
import type { HealthProbe } from "./probe.ts";
import { type Route, RouteFailure, type TargetOf } from "./types.ts";

export function urlRoute(trust: Trust, health: HealthProbe): Route<TargetOf<"url">> {
  return {
    area: "trust",
    open: async ({ url }, told, signal) => {
      const host = endpointOf(url)?.endpoint ?? "";
      told({ step: "checking", parameters: { host } });
      const reason = await trust.check(url, signal);
      signal.throwIfAborted();
      if (reason !== undefined) throw new RouteFailure(reason, { host });
      return { url, close: () => Promise.resolve() };
    },
    probe: ({ url }, signal) => health.ask(url, signal),
  };
}
