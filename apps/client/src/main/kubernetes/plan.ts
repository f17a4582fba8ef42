// The objects of a desktop: those of image/kubernetes, with the form's values. PURE but for reading those files, which the application
// carries along (`apps/client/build.mjs`). Created by `desktops.ts`. As image/kubernetes/users.sh, a desktop NAME is `eglantine-NAME`.

import { join } from "node:path";
import { type KubernetesForm, needsRenderGroup } from "../../shared/kubernetes-form.ts";
import { kustomize, type Resource, withComponents } from "./kustomize.ts";

/** Whose an object is. */
export const LABEL = {
  name: "app.kubernetes.io/name",
  instance: "app.kubernetes.io/instance",
  manager: "app.kubernetes.io/managed-by",
  /** The installation that made it. */
  mark: "eglantine.desktop/created-by",
} as const;
export const MANAGER = "eglantine-client";
export const ANNOTATION = {
  idleMinutes: "eglantine.desktop/idle-minutes",
  idleSince: "eglantine.desktop/idle-since",
  stoppedAt: "eglantine.desktop/stopped-at",
  /** Of the Ingress, for a browser. */
  address: "eglantine.desktop/address",
} as const;

export const deploymentName = (name: string): string => `eglantine-${name}`;
export const ownSelector = (mark: string): string => `${LABEL.manager}=${MANAGER},${LABEL.mark}=${mark}`;

export interface Plan {
  /** In the order in which they are made. */
  readonly desktop: readonly Resource[];
  /** Once in a namespace, for all its desktops: stops those that nobody watches. Empty where none is to be. */
  readonly idle: readonly Resource[];
}

interface PlanInput {
  readonly form: KubernetesForm;
  readonly password: string;
  readonly mark: string;
  /** image/kubernetes. */
  readonly folder: string;
}

/** Of the resource's family; NVIDIA's whole GPUs are the base's own. */
function gpuComponent(resource: string): string[] {
  if (resource === "") return ["software"];
  if (resource.startsWith("nvidia.com/mig-")) return ["mig"];
  if (resource === "nvidia.com/gpu.shared") return ["time-sliced"];
  if (resource.startsWith("amd.com/")) return ["amd"];
  return resource.startsWith("gpu.intel.com/") ? ["intel"] : [];
}

export function planDesktop({ form, password, mark, folder }: PlanInput): Plan {
  const components = [
    ...gpuComponent(form.gpuResource),
    ...(form.idleMinutes > 0 ? ["idle"] : []),
    ...(form.ingressHost !== "" ? ["ingress"] : []),
  ];
  const manifests = withComponents(
    kustomize(join(folder, "base")),
    components.map((name) => join(folder, "components", name)),
  );
  const desktop = manifests.map((resource) => filled(structuredClone(resource), form, password));
  const labels = { [LABEL.manager]: MANAGER, [LABEL.mark]: mark };
  const idle = form.idleMinutes > 0 ? kustomize(join(folder, "idle")).map((resource) => idleOf(resource, form)) : [];
  return {
    desktop: desktop.map((resource) => owned(resource, form.namespace, { ...labels, [LABEL.instance]: form.name })),
    idle: idle.map((resource) => owned(resource, form.namespace, labels)),
  };
}

const owned = (resource: Resource, namespace: string, labels: Readonly<Record<string, string>>): Resource => ({
  ...resource,
  metadata: { ...resource.metadata, namespace, labels: { ...resource.metadata.labels, ...labels } },
});

/** What is changed of each kind. Fields that are not there are an error of the manifests, and of `plan.test.ts`. */
function filled(resource: Resource, form: KubernetesForm, password: string): Resource {
  const name = resource.metadata.name.replace(/^eglantine/, deploymentName(form.name));
  const named = { ...resource, metadata: { ...resource.metadata, name } };
  switch (resource.kind) {
    case "Secret":
      return { ...named, stringData: { password } };
    case "PersistentVolumeClaim":
      return { ...named, spec: claimOf(resource["spec"] as ClaimSpec, form) };
    case "Service":
      return { ...named, spec: serviceOf(resource["spec"] as ServiceSpec, form) };
    case "Deployment":
      return deploymentOf(named as Resource & { spec: DeploymentSpec }, form);
    case "Ingress":
      return { ...named, spec: ingressOf(resource["spec"] as IngressSpec, form) };
    default:
      throw new Error(`image/kubernetes has a ${resource.kind} that the application knows nothing of`);
  }
}

interface ClaimSpec {
  readonly resources: object;
}
const claimOf = (spec: ClaimSpec, { homeGibibytes, storageClass }: KubernetesForm): ClaimSpec => ({
  ...spec,
  resources: { ...spec.resources, requests: { storage: `${homeGibibytes}Gi` } },
  ...(storageClass !== "" && { storageClassName: storageClass }),
});

interface ServiceSpec {
  readonly selector: Readonly<Record<string, string>>;
}
const serviceOf = (spec: ServiceSpec, form: KubernetesForm): ServiceSpec => ({
  ...spec,
  selector: { ...spec.selector, [LABEL.instance]: form.name },
});

interface IngressSpec {
  readonly rules: readonly {
    readonly http: { readonly paths: readonly { readonly backend: { readonly service: object } }[] };
  }[];
}
function ingressOf(spec: IngressSpec, form: KubernetesForm): object {
  const service = deploymentName(form.name);
  const rules = spec.rules.map((rule) => ({
    ...rule,
    host: form.ingressHost,
    http: {
      paths: rule.http.paths.map((path) => ({
        ...path,
        backend: { service: { ...path.backend.service, name: service } },
      })),
    },
  }));
  const tls = [{ hosts: [form.ingressHost], ...(form.ingressSecret !== "" && { secretName: form.ingressSecret }) }];
  return { ...spec, rules, tls, ...(form.ingressClass !== "" && { ingressClassName: form.ingressClass }) };
}

interface Labelled {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
}
interface DeploymentSpec {
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly template: Labelled & {
    readonly spec: {
      readonly securityContext: object;
      readonly containers: readonly DesktopContainer[];
      readonly volumes: readonly {
        readonly persistentVolumeClaim?: { readonly claimName: string };
        readonly secret?: { readonly secretName: string };
      }[];
    };
  };
}
interface DesktopContainer {
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly resources: {
    readonly requests: Readonly<Record<string, unknown>> & { readonly memory: string };
    readonly limits: Readonly<Record<string, unknown>> & { readonly memory: string };
  };
}

function deploymentOf(deployment: Resource & { spec: DeploymentSpec }, form: KubernetesForm): Resource {
  const { spec, metadata } = deployment;
  const instance = { [LABEL.instance]: form.name };
  const own = (name: string) => name.replace(/^eglantine/, deploymentName(form.name));
  const annotations = {
    ...metadata.annotations,
    ...(form.idleMinutes > 0 && { [ANNOTATION.idleMinutes]: String(form.idleMinutes) }),
    ...(form.ingressHost !== "" && { [ANNOTATION.address]: `https://${form.ingressHost}/` }),
  };
  const pod = spec.template.spec;
  const template = {
    ...spec.template,
    metadata: { ...spec.template.metadata, labels: { ...spec.template.metadata.labels, ...instance } },
    spec: {
      ...pod,
      ...pulledWith(form),
      securityContext: {
        ...pod.securityContext,
        ...(needsRenderGroup(form.gpuResource) && { supplementalGroups: [form.renderGroup] }),
      },
      containers: pod.containers.map((container) => containerOf(container, form)),
      volumes: pod.volumes.map((volume) => ({
        ...volume,
        ...(volume.persistentVolumeClaim && {
          persistentVolumeClaim: {
            ...volume.persistentVolumeClaim,
            claimName: own(volume.persistentVolumeClaim.claimName),
          },
        }),
        ...(volume.secret && { secret: { ...volume.secret, secretName: own(volume.secret.secretName) } }),
      })),
    },
  };
  const selector = { matchLabels: { ...spec.selector.matchLabels, ...instance } };
  const filled = { ...deployment, metadata: { ...metadata, annotations }, spec: { ...spec, selector, template } };
  return filled;
}

function containerOf(container: DesktopContainer, form: KubernetesForm): object {
  const size: Readonly<Record<string, string>> = { SIZEW: String(form.widthPx), SIZEH: String(form.heightPx) };
  const { requests, limits } = withMemory(container.resources, form);
  const own = Object.entries(limits).filter(([name]) => !name.includes("/"));
  const gpu = form.gpuResource === "" ? [] : [[form.gpuResource, form.gpuCount]];
  return {
    ...container,
    image: form.image,
    env: container.env.map((variable) => ({ ...variable, value: size[variable.name] ?? variable.value })),
    resources: { ...container.resources, requests, limits: Object.fromEntries([...own, ...gpu]) },
  };
}

const pulledWith = ({ pullSecret }: KubernetesForm): object =>
  pullSecret === "" ? {} : { imagePullSecrets: [{ name: pullSecret }] };

/** Where one alone is asked for, the manifest's other one gives way: a request above its limit is refused. */
function withMemory(
  { requests, limits }: DesktopContainer["resources"],
  { memoryRequestGibibytes, memoryLimitGibibytes }: KubernetesForm,
): DesktopContainer["resources"] {
  const gibibytes = (memory: string) => Number(/^(\d+)Gi$/.exec(memory)?.[1]);
  const least = memoryRequestGibibytes || Math.min(gibibytes(requests.memory), memoryLimitGibibytes || Infinity);
  const most = memoryLimitGibibytes || Math.max(gibibytes(limits.memory), least);
  return { requests: { ...requests, memory: `${least}Gi` }, limits: { ...limits, memory: `${most}Gi` } };
}

/** Its Job runs Node of the desktop's own image, which the nodes have. */
function idleOf(resource: Resource, form: KubernetesForm): Resource {
  if (resource.kind !== "CronJob") return resource;
  const copy = structuredClone(resource) as Resource & {
    spec: { jobTemplate: { spec: { template: { spec: { containers: { image: string }[] } } } } };
  };
  const pod = copy.spec.jobTemplate.spec.template.spec;
  for (const container of pod.containers) container.image = form.image;
  Object.assign(pod, pulledWith(form));
  return copy;
}
