// The way to a desktop in a container: on which address and port of which machine its agent is, through SSH where the engine is. One of the
// launcher's own is started if it stands still; any other is only looked at. From `main/desktops/openings.ts`.

import { setTimeout as wait } from "node:timers/promises";
import type { LauncherReason } from "../../shared/launcher.ts";
import type { HealthProbe } from "../desktops/probe.ts";
import { type OpenRoute, type Route, RouteFailure, type TargetOf } from "../desktops/types.ts";
import { agentPlace, directUrl, pageOf } from "./container-agent.ts";
import { probeContainer } from "./container-probe.ts";
import type { Connection } from "./connection.ts";
import type { DockerEngine } from "./docker.ts";
import type { ContainerFacts } from "./engine-answers.ts";
import type { Engines } from "./engines.ts";
import { LauncherError } from "./failure.ts";
import { untilHealthy } from "./health.ts";
import type { LauncherStore } from "./launcher-store.ts";
import { OwnContainers, portOf } from "./own-containers.ts";
import { PASSWORD_VARIABLE } from "./plan.ts";

/** A container of someone else's that is just starting gets so long to be published. */
const STARTED_EVERY_MS = 250;

export interface ContainerRouteOptions {
  readonly engines: Engines;
  readonly store: LauncherStore;
  /** To what listens on an engine's machine: the way that desktops by SSH take. */
  readonly ssh: Route<TargetOf<"ssh">> | undefined;
  readonly health: HealthProbe;
}

/** What an SSH tunnel failed of, as the launcher says it. */
const SSH_REASONS: Readonly<Record<string, LauncherReason>> = {
  "no-ssh": "sshMissing",
  "host-key-changed": "sshHostKey",
  "host-key-strict": "sshHostKey",
  "host-key-declined": "sshHostKey",
  denied: "sshDenied",
  "too-many-keys": "sshDenied",
  "key-permissions": "sshDenied",
};

export function containerRoute({ engines, store, ssh, health }: ContainerRouteOptions): Route<TargetOf<"container">> {
  const lead = async (
    connection: Connection,
    place: string,
    told: Parameters<Route<never>["open"]>[1],
    signal: AbortSignal,
  ): Promise<OpenRoute> => {
    if (connection.kind !== "ssh") return { url: directUrl(connection, place), close: async () => {} };
    if (ssh === undefined) throw new LauncherError("sshMissing", {});
    const { destination, port } = connection;
    told({ step: "tunnel", parameters: { host: destination } });
    try {
      return await ssh.open(
        { kind: "ssh", destination, agent: place, ...(port !== undefined && { port }) },
        // Its own steps are words of another area.
        () => undefined,
        signal,
      );
    } catch (error) {
      if (!(error instanceof RouteFailure)) throw error;
      throw new LauncherError(SSH_REASONS[error.reason] ?? "sshUnreachable", {
        engine: destination,
        why: error.reason,
      });
    }
  };
  return {
    area: "launcher",
    async open({ engine: address, container }, told, signal) {
      try {
        told({ step: "asking", parameters: { engine: address } });
        const engine = await engines.open(address);
        const { installation } = await store.read();
        const facts = await readied(engine, container, installation, told, signal);
        const route = await lead(await engines.connection(address), placeOf(facts), told, signal);
        const isOwn = new OwnContainers(engine, installation).isOwn(facts.labels);
        const password = isOwn ? facts.env[PASSWORD_VARIABLE] : undefined;
        return {
          url: pageOf(route.url, facts),
          user: facts.env["BASIC_AUTH_USER"] ?? "user",
          ...(password !== undefined && { password }),
          close: () => route.close(),
        };
      } catch (error) {
        if (error instanceof LauncherError) throw new RouteFailure(error.reason, error.parameters);
        throw error;
      }
    },
    probe: (target, signal) => probeContainer(target, { engines, health }, signal),
    place: ({ engine }) => `engine ${engine}`,
  };
}

function placeOf(facts: ContainerFacts): string {
  const place = agentPlace(facts);
  if (place !== undefined) return place;
  throw new LauncherError("containerUnpublished", { name: facts.name, port: String(portOf(facts)) });
}

/** The container, running and answering. */
async function readied(
  engine: DockerEngine,
  container: string,
  installation: string,
  told: Parameters<Route<never>["open"]>[1],
  signal: AbortSignal,
): Promise<ContainerFacts> {
  const own = new OwnContainers(engine, installation);
  let facts = await engine.inspect(container);
  if (!own.isOwn(facts.labels)) {
    if (!facts.running) throw new LauncherError("containerStopped", { name: facts.name });
    return facts;
  }
  if (!facts.running) {
    told({ step: "starting", parameters: { name: facts.name } });
    await own.start(facts.id);
    while (!(facts = await engine.inspect(container)).running) await wait(STARTED_EVERY_MS, undefined, { signal });
  }
  told({ step: "answering", parameters: { name: facts.name } });
  await untilHealthy(engine, facts.id, { name: facts.name, image: facts.image, signal });
  return facts;
}
