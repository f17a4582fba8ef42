// Kubernetes' published OpenAPI schemas, as the npm package kubernetes-models carries them: whether an object is one of its kind. Used by
// `api-server.ts`. Fields that no schema knows are found afterwards by the compiler (image/test/schema.ts), from what the server has taken.

import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { CronJob } from "kubernetes-models/batch/v1/CronJob";
import { Ingress } from "kubernetes-models/networking.k8s.io/v1/Ingress";
import { Role } from "kubernetes-models/rbac.authorization.k8s.io/v1/Role";
import { RoleBinding } from "kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding";
import { StorageClass } from "kubernetes-models/storage.k8s.io/v1/StorageClass";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { Event } from "kubernetes-models/v1/Event";
import { Namespace } from "kubernetes-models/v1/Namespace";
import { Node } from "kubernetes-models/v1/Node";
import { PersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import { Pod } from "kubernetes-models/v1/Pod";
import { Secret } from "kubernetes-models/v1/Secret";
import { Service } from "kubernetes-models/v1/Service";
import { ServiceAccount } from "kubernetes-models/v1/ServiceAccount";

interface Model {
  validate(): void;
}
/** By the path of the group and the plural, as in an address. */
const SCHEMAS: Readonly<Record<string, { readonly kind: string; readonly make: (data: never) => Model }>> = {
  "api/v1 namespaces": { kind: "Namespace", make: (data) => new Namespace(data) },
  "api/v1 nodes": { kind: "Node", make: (data) => new Node(data) },
  "api/v1 pods": { kind: "Pod", make: (data) => new Pod(data) },
  "api/v1 events": { kind: "Event", make: (data) => new Event(data) },
  "api/v1 secrets": { kind: "Secret", make: (data) => new Secret(data) },
  "api/v1 services": { kind: "Service", make: (data) => new Service(data) },
  "api/v1 serviceaccounts": { kind: "ServiceAccount", make: (data) => new ServiceAccount(data) },
  "api/v1 configmaps": { kind: "ConfigMap", make: (data) => new ConfigMap(data) },
  "api/v1 persistentvolumeclaims": {
    kind: "PersistentVolumeClaim",
    make: (data) => new PersistentVolumeClaim(data),
  },
  "apis/apps/v1 deployments": { kind: "Deployment", make: (data) => new Deployment(data) },
  "apis/batch/v1 cronjobs": { kind: "CronJob", make: (data) => new CronJob(data) },
  "apis/networking.k8s.io/v1 ingresses": { kind: "Ingress", make: (data) => new Ingress(data) },
  "apis/rbac.authorization.k8s.io/v1 roles": { kind: "Role", make: (data) => new Role(data) },
  "apis/rbac.authorization.k8s.io/v1 rolebindings": { kind: "RoleBinding", make: (data) => new RoleBinding(data) },
  "apis/storage.k8s.io/v1 storageclasses": { kind: "StorageClass", make: (data) => new StorageClass(data) },
};

export const hasSchema = (resource: string): boolean => Object.hasOwn(SCHEMAS, resource);

/** What is wrong with it; "" when nothing is. */
export function schemaProblem(resource: string, object: unknown): string {
  const schema = SCHEMAS[resource];
  if (schema === undefined) return `no schema for ${resource}`;
  const { kind, apiVersion } = (object ?? {}) as { kind?: unknown; apiVersion?: unknown };
  const version = resource.split(" ")[0]?.replace(/^apis?\//, "");
  if (kind !== schema.kind || apiVersion !== version) return `${String(apiVersion)} ${String(kind)} is not ${resource}`;
  try {
    schema.make(object as never).validate();
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}
