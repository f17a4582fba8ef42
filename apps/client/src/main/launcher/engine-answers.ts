// What engines answer, as the launcher reads it: of themselves, of a container, of what that has said. PURE. Used by `docker.ts`.

import { LauncherError } from "./failure.ts";

/** What an engine says of itself. */
export interface EngineFacts {
  readonly kind: "docker" | "podman";
  readonly version: string;
  /** "Docker Desktop", "Debian GNU/Linux 12 (bookworm)". */
  readonly system: string;
  readonly kernel: string;
  readonly architecture: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly runtimes: readonly string[];
  /** CDI devices that it has found; undefined: it does not say. */
  readonly cdiDevices?: readonly string[];
}

export interface ContainerFacts {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly running: boolean;
  /** "running", "exited", …, in the engine's own word. */
  readonly status: string;
  /** Of its image's check: "starting", "healthy", "unhealthy"; anything else: it has none. */
  readonly health: string;
  readonly exitCode: number;
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Published, by "8080/tcp". */
  readonly ports: Readonly<Record<string, { readonly host: string; readonly port: number } | undefined>>;
  /** Of volumes: the name, by the folder in the container. */
  readonly volumes: Readonly<Record<string, string>>;
  /** "bridge", "host", or a name. */
  readonly network: string;
}

/** Of GET /containers/ID/json, what is read of it. */
interface InspectAnswer {
  readonly Id: string;
  readonly Name: string;
  readonly Config: {
    readonly Image: string;
    /** Null where neither image nor user names any. */
    readonly Env?: readonly string[] | null;
    readonly Labels?: Readonly<Record<string, string>> | null;
  };
  readonly State: {
    readonly Running: boolean;
    readonly ExitCode: number;
    readonly Status?: string;
    readonly Health?: { readonly Status?: string } | null | undefined;
  };
  readonly HostConfig: { readonly PortBindings?: unknown; readonly NetworkMode?: string | undefined };
  readonly Mounts?: unknown;
}

export function containerFacts(found: InspectAnswer): ContainerFacts {
  const env = (found.Config.Env ?? []).map((line) => [
    line.slice(0, line.indexOf("=")),
    line.slice(line.indexOf("=") + 1),
  ]);
  const bindings = Object.entries(found.HostConfig.PortBindings ?? {}) as [
    string,
    { HostIp?: string; HostPort?: string }[],
  ][];
  const ports = bindings.map(([inside, [first]]) => [
    inside,
    { host: first?.HostIp ?? "", port: Number(first?.HostPort) },
  ]);
  const mounts = (found.Mounts ?? []) as { Type: string; Name?: string; Destination: string }[];
  const volumes = mounts
    .filter(({ Type }) => Type === "volume")
    .map(({ Name, Destination }) => [Destination, Name ?? ""]);
  return {
    id: found.Id,
    name: found.Name.replace(/^\//, ""),
    image: found.Config.Image,
    running: found.State.Running,
    status: found.State.Status ?? (found.State.Running ? "running" : "exited"),
    health: found.State.Health?.Status ?? "",
    exitCode: found.State.ExitCode,
    env: Object.fromEntries(env) as Record<string, string>,
    labels: found.Config.Labels ?? {},
    ports: Object.fromEntries(ports) as ContainerFacts["ports"],
    volumes: Object.fromEntries(volumes) as Record<string, string>,
    network: found.HostConfig.NetworkMode ?? "",
  };
}

/** Standard output and error of a container, in the order in which they came, without the frames that they come in. */
export function withoutFrames(bytes: Buffer): string {
  const parts: Buffer[] = [];
  let at = 0;
  while (at + 8 <= bytes.length && (bytes[at] ?? 9) <= 2 && bytes.readUInt32BE(at) % 0x1000000 === 0) {
    const end = at + 8 + bytes.readUInt32BE(at + 4);
    parts.push(bytes.subarray(at + 8, end));
    at = end;
  }
  return at === 0 ? bytes.toString("utf8") : Buffer.concat(parts).toString("utf8");
}

/** Repository and tag, or digest, of an image's name; a registry's port is none. */
export function splitReference(image: string): readonly [repository: string, tag: string] {
  const at = image.indexOf("@");
  if (at >= 0) return [image.slice(0, at), image.slice(at + 1)];
  const colon = image.lastIndexOf(":");
  if (colon > image.lastIndexOf("/")) return [image.slice(0, colon), image.slice(colon + 1)];
  if (image === "") throw new LauncherError("imageMissing", { image });
  return [image, "latest"];
}
