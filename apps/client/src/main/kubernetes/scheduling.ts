// What the scheduler writes into a Pod's condition and events, as reasons. PURE. Used by `pod-state.ts`.
//   0/5 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 4 Insufficient nvidia.com/gpu.
//   preemption: 0/5 nodes are available: …

import type { KubernetesFailure, KubernetesReason } from "../../shared/kubernetes.ts";
import { shortened } from "./failure.ts";

const NODES = /^0\/(\d+) nodes are available/;
/** A number of nodes, and why each of them is none. */
const CLAUSE = /(?:^|[,:;] )(\d+) ((?:Insufficient |node\(s\) |Too many pods)[^,]*(?:\{[^}]*\}[^,]*)?)/g;

/** One for each thing that nodes lack, the most frequent first. */
export function schedulingProblems(message: string): KubernetesFailure[] {
  const [own = ""] = message.split(/\.? preemption: /);
  const total = NODES.exec(own)?.[1];
  if (total === "0") return [{ reason: "no-nodes", parameters: {} }];
  const found: { readonly nodes: number; readonly failure: KubernetesFailure }[] = [];
  if (/unbound immediate PersistentVolumeClaims|persistentvolumeclaim "[^"]*" (not found|is being deleted)/.test(own)) {
    found.push({ nodes: Number.POSITIVE_INFINITY, failure: { reason: "volume-waits", parameters: { problem: "" } } });
  }
  for (const [, count = "", why = ""] of own.matchAll(CLAUSE)) {
    const parameters = { nodes: count, total: total ?? count };
    found.push({ nodes: Number(count), failure: clauseProblem(why.replace(/\.$/, ""), parameters) });
  }
  if (found.length === 0) return [{ reason: "unschedulable", parameters: { problem: shortened(own) } }];
  return found.sort((a, b) => b.nodes - a.nodes).map(({ failure }) => failure);
}

function clauseProblem(why: string, counts: { readonly nodes: string; readonly total: string }): KubernetesFailure {
  const is = (reason: KubernetesReason, more: Readonly<Record<string, string>> = {}): KubernetesFailure => ({
    reason,
    parameters: { ...counts, ...more },
  });
  const resource = /^Insufficient (\S+)/.exec(why)?.[1];
  if (resource === "memory") return is("no-memory");
  if (resource === "cpu") return is("no-cpu");
  if (resource?.includes("/")) return is("no-gpu", { resource });
  if (resource !== undefined) return is("no-resource", { resource });
  if (why.startsWith("Too many pods")) return is("too-many-pods");
  const taint = /taint(?:\(s\))?(?: \{([^:}]*):?\s*([^}]*)\})?/.exec(why);
  if (taint !== null) return is("taints", { taint: [taint[1], taint[2]].filter(Boolean).join("=") });
  if (/node affinity\/selector|node selector|node affinity$/.test(why) && !why.includes("volume")) {
    return is("node-selector");
  }
  if (/volume node affinity|available volume zone|had volume/.test(why)) return is("volume-elsewhere");
  if (/unschedulable/.test(why)) return is("taints", { taint: "node.kubernetes.io/unschedulable" });
  return is("unschedulable", { problem: shortened(`${counts.nodes} ${why}`) });
}
