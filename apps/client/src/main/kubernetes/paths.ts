// Where the API server keeps the objects of each kind. TABLE: kind → group, version and plural. PURE. Used by whoever asks a `Cluster`.

const PLURALS = {
  Secret: "api/v1 secrets",
  PersistentVolumeClaim: "api/v1 persistentvolumeclaims",
  Service: "api/v1 services",
  ServiceAccount: "api/v1 serviceaccounts",
  ConfigMap: "api/v1 configmaps",
  Pod: "api/v1 pods",
  Event: "api/v1 events",
  Deployment: "apis/apps/v1 deployments",
  Ingress: "apis/networking.k8s.io/v1 ingresses",
  Role: "apis/rbac.authorization.k8s.io/v1 roles",
  RoleBinding: "apis/rbac.authorization.k8s.io/v1 rolebindings",
  CronJob: "apis/batch/v1 cronjobs",
} as const;

export type Kind = keyof typeof PLURALS;

export const isKind = (kind: string): kind is Kind => Object.hasOwn(PLURALS, kind);

/** Of all of a kind in a namespace, or of one by its name. */
export function pathOf(kind: Kind, namespace: string, name?: string): string {
  const [group = "", plural = ""] = PLURALS[kind].split(" ");
  const all = `/${group}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
  return name === undefined ? all : `${all}/${encodeURIComponent(name)}`;
}
