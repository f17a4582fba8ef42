// The contract of a route: how the desktops of one kind are reached. Implemented by `url-route.ts` and by the parts that know ssh, containers and
// pods; asked by `openings.ts`. A route knows nothing of windows or pages.

import type { DesktopState, DesktopTarget, TargetKind } from "../../shared/desktops.ts";

export interface RouteProgress {
  /** In words: `<area>.step.<step>` of `renderer/messages`. */
  readonly step: string;
  readonly parameters?: Readonly<Record<string, string>>;
  /** Between 0 and 1, where it is known. */
  readonly part?: number;
}

/** A way that is open, until it is closed. */
export interface OpenRoute {
  /** The agent's page: of a tunnel its end on this computer. */
  readonly url: string;
  /** Those that the route knows by itself go before the saved ones. */
  readonly user?: string;
  readonly password?: string;
  /** Idempotent. */
  close(): Promise<void>;
}

export interface Route<Target> {
  /** Area of its words. */
  readonly area: string;
  /** Rejects with RouteFailure for what is the user's to know, and with the signal's reason once that is aborted; nothing is left open then. */
  open(target: Target, told: (progress: RouteProgress) => void, signal: AbortSignal): Promise<OpenRoute>;
  /** How a desktop is, for its card, every few seconds: opens nothing and asks nobody. Without it: not known. */
  probe?(target: Target, signal: AbortSignal): Promise<DesktopState>;
  /** Whom that asks: those with the same are asked one after the other. Without it: each by itself. */
  place?(target: Target): string;
}

export type TargetOf<Kind extends TargetKind> = Extract<DesktopTarget, { readonly kind: Kind }>;

export type Routes = { readonly [Kind in TargetKind]?: Route<TargetOf<Kind>> };

/** In words: `<area>.failed.<reason>` and `<area>.remedy.<reason>`, where the area is the route's unless another is named. */
export class RouteFailure extends Error {
  override readonly name = "RouteFailure";
  readonly reason: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly area: string | undefined;

  constructor(reason: string, parameters: Readonly<Record<string, string>> = {}, area?: string) {
    super(reason);
    this.reason = reason;
    this.parameters = parameters;
    this.area = area;
  }
}
