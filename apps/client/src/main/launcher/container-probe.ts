// How the desktop in a container is, for its card: what the engine says of the container and, where its agent is reached by this computer itself, what that says.
// Nothing is started and nobody asked. For `container-route.ts`.

import type { DesktopState } from "../../shared/desktops.ts";
import type { LauncherReason } from "../../shared/launcher.ts";
import type { HealthProbe } from "../desktops/probe.ts";
import type { TargetOf } from "../desktops/types.ts";
import { agentPlace, directUrl, pageOf } from "./container-agent.ts";
import type { ContainerFacts } from "./engine-answers.ts";
import type { Engines } from "./engines.ts";
import { LauncherError } from "./failure.ts";

/** An engine that takes longer is told as away, and asked again. */
const LIMIT_MS = 5000;
/** Anything else is told when it is opened. */
const AWAY: ReadonlySet<LauncherReason> = new Set<LauncherReason>([
  "engineAbsent",
  "engineDenied",
  "engineLost",
  "engineSlow",
  "engineTls",
]);

/** PURE. In the words of Docker and Podman, which has some of its own. */
export function containerCondition({ status, health }: ContainerFacts): DesktopState["condition"] {
  if (status === "removing") return "gone";
  // In a loop of crashes, held, or what could not be removed.
  if (status === "restarting" || status === "paused" || status === "dead") return "failing";
  if (status !== "running") return "stopped";
  if (health === "starting") return "starting";
  if (health === "unhealthy") return "failing";
  return health === "healthy" ? "ready" : "running";
}

export async function probeContainer(
  { engine: address, container }: TargetOf<"container">,
  { engines, health }: { readonly engines: Engines; readonly health: HealthProbe },
  signal: AbortSignal,
): Promise<DesktopState> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
  try {
    const connection = await engines.connection(address);
    // Each question would be a sign-in there, for which a key may want its owner.
    if (connection.kind === "ssh") return { condition: "unknown" };
    const facts = await (await engines.open(address)).inspect(container, limited);
    const condition = containerCondition(facts);
    const place = agentPlace(facts);
    if ((condition !== "ready" && condition !== "running") || place === undefined) return { condition };
    const answer = await health.ask(pageOf(directUrl(connection, place), facts), signal);
    return answer.condition === "away" ? { condition } : answer;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof LauncherError)) throw error;
    if (error.reason === "containerGone") return { condition: "gone" };
    return { condition: AWAY.has(error.reason) ? "engine-away" : "unknown" };
  }
}
