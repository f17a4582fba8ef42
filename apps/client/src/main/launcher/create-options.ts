// A plan as the Engine API takes it (POST /containers/create). PURE. From `plan.ts`; sent by `docker.ts`.

import { HOME, type Plan } from "./plan.ts";

export interface ContainerOptions {
  readonly Image: string;
  readonly Env: string[];
  readonly Labels: Record<string, string>;
  readonly StopTimeout: number;
  readonly ExposedPorts: Record<string, Record<string, never>>;
  readonly HostConfig: {
    readonly PortBindings: Record<string, { HostIp: string; HostPort: string }[]>;
    readonly Binds: string[];
    readonly Tmpfs: Record<string, string>;
    readonly ReadonlyRootfs: true;
    readonly CapDrop: string[];
    readonly SecurityOpt: string[];
    readonly PidsLimit: number;
    readonly ShmSize: number;
    readonly Memory: number;
    readonly NanoCpus: number;
    readonly Devices: { PathOnHost: string; PathInContainer: string; CgroupPermissions: string }[];
    readonly GroupAdd: string[];
    readonly DeviceRequests: { Driver: string; Count: number; DeviceIDs?: string[]; Capabilities?: string[][] }[];
    readonly RestartPolicy: { Name: "no" | "unless-stopped" };
  };
}

function requestOf(gpus: NonNullable<Plan["gpus"]>): ContainerOptions["HostConfig"]["DeviceRequests"][number] {
  if (gpus.driver === "cdi") return { Driver: "cdi", Count: 0, DeviceIDs: [...gpus.devices] };
  const capabilities = { Capabilities: [["gpu"]] };
  if (gpus.devices.length === 0) return { Driver: "", Count: -1, ...capabilities };
  return { Driver: "", Count: 0, DeviceIDs: [...gpus.devices], ...capabilities };
}

/** `labels`: by which the launcher knows its own. */
export function createOptions(plan: Plan, labels: Readonly<Record<string, string>>): ContainerOptions {
  const ports = [`${plan.port}/tcp`, `${plan.port}/udp`];
  const binding = () => [{ HostIp: plan.publishAddress, HostPort: String(plan.port) }];
  return {
    Image: plan.image,
    Env: Object.entries({ ...plan.env, ...plan.secrets }).map(([name, value]) => `${name}=${value}`),
    Labels: { ...labels },
    StopTimeout: plan.stopSeconds,
    ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])),
    HostConfig: {
      PortBindings: Object.fromEntries(ports.map((port) => [port, binding()])),
      Binds: [...(plan.home === "" ? [] : [`${plan.home}:${HOME}`]), ...plan.binds],
      Tmpfs: { ...plan.tmpfs },
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges:true"],
      PidsLimit: plan.pids,
      ShmSize: plan.shmBytes,
      Memory: plan.memoryBytes,
      NanoCpus: Math.round(plan.cpus * 1e9),
      Devices: plan.devices.map((path) => ({ PathOnHost: path, PathInContainer: path, CgroupPermissions: "rwm" })),
      GroupAdd: [...plan.groups],
      DeviceRequests: plan.gpus === undefined ? [] : [requestOf(plan.gpus)],
      RestartPolicy: { Name: plan.restart ? "unless-stopped" : "no" },
    },
  };
}
