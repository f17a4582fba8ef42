// The API's objects as far as they are read here. An API server's answer is taken for anything: what is not as expected counts as absent.
// Read by `pod-state.ts`, `desktops.ts` and `desktop-watch.ts`.

import { z } from "zod";

const text = z.string().catch("");
const texts = z.record(z.string(), z.string()).catch({});
const count = z.number().catch(0);
const list = <T extends z.ZodType>(item: T) => z.array(item).catch([]);

const METADATA = z.object({
  name: text,
  namespace: text,
  uid: text,
  resourceVersion: text,
  labels: texts,
  annotations: texts,
  deletionTimestamp: z.string().optional().catch(undefined),
});

const CONDITION = z.object({ type: text, status: text, reason: text, message: text });
const EMPTY_METADATA = METADATA.parse({});

export const OBJECT = z.object({ kind: text, metadata: METADATA.catch(EMPTY_METADATA) });
export type KubernetesObject = z.infer<typeof OBJECT>;

const ENDED = z.object({ exitCode: count, reason: text, message: text }).optional().catch(undefined);
const WAITING = z.object({ reason: text, message: text }).optional().catch(undefined);
const CONTAINER_STATUS = z.object({
  name: text,
  image: text,
  restartCount: count,
  ready: z.boolean().catch(false),
  state: z.object({ waiting: WAITING, terminated: ENDED }).catch({ waiting: undefined, terminated: undefined }),
  lastState: z.object({ terminated: ENDED }).catch({ terminated: undefined }),
});

const PROBE = z
  .object({ httpGet: z.object({ scheme: text }).optional().catch(undefined) })
  .optional()
  .catch(undefined);
const CONTAINER = z.object({
  name: text,
  image: text,
  env: list(z.object({ name: text, value: text })),
  ports: list(z.object({ name: text, containerPort: count, protocol: text })),
  readinessProbe: PROBE,
  resources: z
    .object({ limits: z.record(z.string(), z.union([z.string(), z.number()])).catch({}) })
    .catch({ limits: {} }),
});
const POD_SPEC = z.object({ nodeName: text, containers: list(CONTAINER) }).catch({ nodeName: "", containers: [] });

const POD = z.object({
  metadata: METADATA.catch(EMPTY_METADATA),
  spec: POD_SPEC,
  status: z
    .object({
      phase: text,
      reason: text,
      message: text,
      conditions: list(CONDITION),
      containerStatuses: list(CONTAINER_STATUS),
    })
    .catch({ phase: "", reason: "", message: "", conditions: [], containerStatuses: [] }),
});
export type Pod = z.infer<typeof POD>;

const DEPLOYMENT = z.object({
  metadata: METADATA.catch(EMPTY_METADATA),
  spec: z
    .object({
      replicas: z.number().catch(1),
      selector: z.object({ matchLabels: texts }).catch({ matchLabels: {} }),
      template: z.object({ spec: POD_SPEC }).catch({ spec: { nodeName: "", containers: [] } }),
    })
    .catch({ replicas: 1, selector: { matchLabels: {} }, template: { spec: { nodeName: "", containers: [] } } }),
  status: z.object({ conditions: list(CONDITION), readyReplicas: count }).catch({ conditions: [], readyReplicas: 0 }),
});
export type Deployment = z.infer<typeof DEPLOYMENT>;

const EVENT = z.object({
  metadata: METADATA.catch(EMPTY_METADATA),
  involvedObject: z.object({ kind: text, name: text, uid: text }).catch({ kind: "", name: "", uid: "" }),
  type: text,
  reason: text,
  message: text,
  lastTimestamp: text,
  eventTime: text,
});
export type KubernetesEvent = z.infer<typeof EVENT>;

const CLAIM = z.object({
  metadata: METADATA.catch(EMPTY_METADATA),
  spec: z
    .object({ resources: z.object({ requests: texts }).catch({ requests: {} }) })
    .catch({ resources: { requests: {} } }),
  status: z.object({ phase: text }).catch({ phase: "" }),
});
export type Claim = z.infer<typeof CLAIM>;

const LIST = z.object({
  metadata: z.object({ resourceVersion: text }).catch({ resourceVersion: "" }),
  items: z.array(z.unknown()).catch([]),
});

export const readObject = (value: unknown): KubernetesObject => OBJECT.parse(value ?? {});
export const readPod = (value: unknown): Pod => POD.parse(value ?? {});
export const readDeployment = (value: unknown): Deployment => DEPLOYMENT.parse(value ?? {});
export const readEvent = (value: unknown): KubernetesEvent => EVENT.parse(value ?? {});
export const readClaim = (value: unknown): Claim => CLAIM.parse(value ?? {});
export const readList = (value: unknown): z.infer<typeof LIST> => LIST.parse(value ?? {});
