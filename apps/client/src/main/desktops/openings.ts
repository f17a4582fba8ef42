// Makes the way to a saved desktop for a window, by the route of its kind, has the user trust whoever is at its end, and closes it again. One way a window at a
// time. From `answers.ts`; next: `types.ts`.

import type { DesktopProgress, DesktopState, DesktopTarget, OpenedDesktop, OpenFailed } from "../../shared/desktops.ts";
import type { Secrets } from "../secrets.ts";
import { endpointOf } from "../trust/certificate.ts";
import type { Trust } from "../trust/trust.ts";
import type { DesktopStore } from "./store.ts";
import { Turns } from "./turns.ts";
import { type OpenRoute, type Route, RouteFailure, type Routes } from "./types.ts";

export interface OpeningsOptions {
  readonly store: DesktopStore;
  readonly secrets: Pick<Secrets, "read">;
  readonly trust: Pick<Trust, "check">;
  readonly routes: Routes;
  readonly tell: (progress: DesktopProgress, window: number) => void;
}

export type Opening = { readonly ok: OpenedDesktop } | { readonly failed: OpenFailed };

interface Way {
  readonly breaking: AbortController;
  /** Settles when the route has opened and is trusted, failed or given up. */
  opening?: Promise<OpenRoute>;
}

export class Openings {
  readonly #options: OpeningsOptions;
  /** By window. */
  readonly #ways = new Map<number, Way>();
  readonly #turns = new Turns();
  /** By window, while its cards are seen. */
  readonly #probings = new Map<number, AbortController>();
  #isClosed = false;

  constructor(options: OpeningsOptions) {
    this.#options = options;
  }

  async open(id: string, window: number): Promise<Opening> {
    const { store, secrets, routes, tell } = this.#options;
    const closed = this.close(window);
    const way: Way = { breaking: new AbortController() };
    this.#ways.set(window, way);
    await closed;
    const desktop = await store.find(id);
    if (desktop === undefined) return failed("home", "gone", { name: "" });
    // Each route takes the targets of its own kind.
    const route: Route<DesktopTarget> | undefined = routes[desktop.target.kind];
    if (route === undefined) return failed("home", "no-route", { name: desktop.name });
    const { area } = route;
    const told: Parameters<typeof route.open>[1] = ({ parameters = {}, ...progress }) =>
      tell({ id, area, parameters, ...progress }, window);
    try {
      const { signal } = way.breaking;
      signal.throwIfAborted();
      way.opening = this.#lead(route.open(desktop.target, told, signal), id, window, signal);
      const { url, user, password = await secrets.read(id) } = await way.opening;
      signal.throwIfAborted();
      await store.used(id, Date.now());
      const known = password === undefined ? {} : { password };
      return { ok: { name: desktop.name, url, user: user ?? desktop.user, ...known } };
    } catch (error) {
      if (way.breaking.signal.aborted) return failed("home", "cancelled", { name: desktop.name });
      if (error instanceof RouteFailure) return failed(error.area ?? area, error.reason, error.parameters);
      throw error;
    }
  }

  /** The way, once its end is trusted; else it is closed. */
  async #lead(opening: Promise<OpenRoute>, id: string, window: number, signal: AbortSignal): Promise<OpenRoute> {
    const { trust, tell } = this.#options;
    const open = await opening;
    try {
      signal.throwIfAborted();
      const parameters = { host: endpointOf(open.url)?.endpoint ?? "" };
      if (open.url.startsWith("https:")) tell({ id, area: "trust", step: "checking", parameters }, window);
      const reason = await trust.check(open.url, signal);
      signal.throwIfAborted();
      if (reason !== undefined) throw new RouteFailure(reason, parameters, "trust");
      return open;
    } catch (error) {
      await open.close();
      throw error;
    }
  }

  /** How a desktop is, without a way to it, for a card of this window. */
  async probe(id: string, window: number): Promise<DesktopState> {
    const probing = this.#probings.get(window) ?? new AbortController();
    this.#probings.set(window, probing);
    const { signal } = probing;
    const desktop = await this.#options.store.find(id);
    const route: Route<DesktopTarget> | undefined = desktop && this.#options.routes[desktop.target.kind];
    if (desktop === undefined || route?.probe === undefined || signal.aborted || this.#isClosed)
      return { condition: "unknown" };
    const { target } = desktop;
    const ask = route.probe.bind(route, target, signal);
    const place = route.place?.(target);
    try {
      return await (place === undefined ? ask() : this.#turns.take(place, signal, ask));
    } catch (error) {
      if (signal.aborted) return { condition: "unknown" };
      throw error;
    }
  }

  /** Breaks off what the window's cards ask. Idempotent. */
  stopProbing(window: number): void {
    this.#probings.get(window)?.abort();
    this.#probings.delete(window);
  }

  /** Breaks off what the window is opening, or closes what it has open. Idempotent. */
  async close(window: number): Promise<void> {
    const way = this.#ways.get(window);
    if (way === undefined) return;
    this.#ways.delete(window);
    way.breaking.abort();
    // Why it failed was its caller's to hear.
    const route = await way.opening?.catch(() => undefined);
    await route?.close();
  }

  /** Idempotent. */
  async closeAll(): Promise<void> {
    this.#isClosed = true;
    for (const window of this.#probings.keys()) this.stopProbing(window);
    await Promise.all([...this.#ways.keys()].map((window) => this.close(window)));
  }
}

function failed(area: string, reason: string, parameters: Readonly<Record<string, string>>): Opening {
  return { failed: { area, reason, parameters } };
}
