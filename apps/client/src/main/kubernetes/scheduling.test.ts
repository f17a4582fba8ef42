// Sentences that Kubernetes' scheduler has written, as reasons.

import fc from "fast-check";
import { expect, test } from "vitest";
import { KUBERNETES_REASONS } from "../../shared/kubernetes.ts";
import { schedulingProblems } from "./scheduling.ts";

const reasons = (message: string) => schedulingProblems(message).map(({ reason }) => reason);

test.each([
  [
    "0/3 nodes are available: 3 Insufficient nvidia.com/gpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.",
    ["no-gpu"],
  ],
  ["0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory.", ["no-cpu", "no-memory"]],
  ["0/1 nodes are available: 1 Insufficient ephemeral-storage.", ["no-resource"]],
  [
    "0/4 nodes are available: 1 node(s) had untolerated taint {gpu: true}, 3 node(s) didn't match Pod's node affinity/selector.",
    ["node-selector", "taints"],
  ],
  [
    "0/1 nodes are available: 1 node(s) had taint {node.kubernetes.io/not-ready: }, that the pod didn't tolerate.",
    ["taints"],
  ],
  ["0/2 nodes are available: 2 node(s) had volume node affinity conflict.", ["volume-elsewhere"]],
  ["0/2 nodes are available: 2 node(s) were unschedulable.", ["taints"]],
  ["0/2 nodes are available: 2 Too many pods.", ["too-many-pods"]],
  ["0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims.", ["volume-waits"]],
  ['0/2 nodes are available: persistentvolumeclaim "eglantine-desk-home" not found.', ["volume-waits"]],
  ["no nodes available to schedule pods", ["unschedulable"]],
  ["0/0 nodes are available: .", ["no-nodes"]],
  ["0/2 nodes are available: 2 node(s) didn't have free ports for the requested pod ports.", ["unschedulable"]],
])("%s", (message, expected) => {
  expect(reasons(message)).toEqual(expected);
});

test("a taint is named with its value", () => {
  const [problem] = schedulingProblems("0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: team-a}.");
  expect(problem?.parameters).toMatchObject({ taint: "dedicated=team-a" });
});

test("whatever it says, there is one reason of the list at least", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const found = reasons(text);
      expect(found.length).toBeGreaterThan(0);
      expect(found.every((reason) => KUBERNETES_REASONS.includes(reason))).toBe(true);
    }),
  );
});
