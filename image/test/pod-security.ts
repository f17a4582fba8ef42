// The "restricted" Pod Security Standard, as kubernetes.io has it for Kubernetes 1.34, for what the API server of a cluster would say of a
// Pod. Used by ../kubernetes.test.ts.

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly ports?: readonly {
    readonly containerPort: number;
    readonly hostPort?: number;
    readonly protocol?: string;
  }[];
  readonly resources?: { readonly limits?: Readonly<Record<string, unknown>> };
  readonly securityContext?: {
    readonly privileged?: boolean;
    readonly allowPrivilegeEscalation?: boolean;
    readonly readOnlyRootFilesystem?: boolean;
    readonly runAsNonRoot?: boolean;
    readonly runAsUser?: number;
    readonly procMount?: string;
    readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
    readonly seccompProfile?: { readonly type: string };
  };
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly [probe: `${string}Probe`]:
    | { readonly httpGet?: { readonly path: string; readonly port: string } }
    | undefined;
}

export interface PodSpec {
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly enableServiceLinks?: boolean;
  readonly automountServiceAccountToken?: boolean;
  readonly serviceAccountName?: string;
  readonly securityContext?: Container["securityContext"] & {
    readonly fsGroup?: number;
    readonly sysctls?: readonly unknown[];
    readonly supplementalGroups?: readonly number[];
  };
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes?: readonly { readonly name: string; readonly [type: string]: unknown }[];
}

const VOLUMES = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
];
const PROFILES = ["RuntimeDefault", "Localhost"];

/** What an API server that enforces "restricted" would refuse, one sentence each. */
export function podSecurityProblems(pod: PodSpec): string[] {
  const problems: string[] = [];
  const demand = (holds: boolean, problem: string) => holds || problems.push(problem);
  const own = pod.securityContext;
  for (const field of ["hostNetwork", "hostPID", "hostIPC"] as const) demand(pod[field] !== true, `${field} is true`);
  demand((own?.sysctls ?? []).length === 0, "sysctls are set");
  for (const { name, ...volume } of pod.volumes ?? []) {
    for (const type of Object.keys(volume)) demand(VOLUMES.includes(type), `volume ${name} is a ${type}`);
  }
  for (const { name, ports = [], securityContext: of = {} } of [...(pod.initContainers ?? []), ...pod.containers]) {
    const add = of.capabilities?.add ?? [];
    demand(of.privileged !== true, `${name} is privileged`);
    demand(of.allowPrivilegeEscalation === false, `${name}: allowPrivilegeEscalation is not false`);
    demand((of.runAsNonRoot ?? own?.runAsNonRoot) === true, `${name}: runAsNonRoot is not true`);
    demand((of.runAsUser ?? own?.runAsUser) !== 0, `${name} runs as root`);
    demand(PROFILES.includes((of.seccompProfile ?? own?.seccompProfile)?.type ?? ""), `${name}: no seccomp profile`);
    demand(of.capabilities?.drop?.includes("ALL") === true, `${name} keeps capabilities`);
    demand(
      add.every((one) => one === "NET_BIND_SERVICE"),
      `${name} adds ${add.join(", ")}`,
    );
    demand(of.procMount === undefined || of.procMount === "Default", `${name}: procMount ${of.procMount}`);
    demand(
      ports.every(({ hostPort }) => hostPort === undefined),
      `${name} has a hostPort`,
    );
  }
  return problems;
}
