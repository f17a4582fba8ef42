// Prints the curves of a plan that failed. Used by the plans.

import { onTestFailed } from "vitest";
import type { MediaFlow } from "./media-flow.ts";
import { curve } from "./simulated-link.ts";

/** Call it once the flows stand: what they did until the failure is drawn. */
export function drawOnFailure(...flows: readonly MediaFlow[]): void {
  onTestFailed(({ task }) => {
    const curves = flows.map((flow, index) => curve(flow.samples, `flow ${index + 1}`)).join("\n");
    const [error] = task.result?.errors ?? [];
    if (error !== undefined) error.message += `\n${curves}`;
  });
}
