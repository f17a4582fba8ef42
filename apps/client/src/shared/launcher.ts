// What the page may ask of the launcher, and what that tells it. TABLE of calls and events, joined to the others in `bridge.ts`; the closed list of
// what can go wrong, each with a sentence and a remedy in `renderer/messages/*/launcher.json`. Answered by `main/launcher/answers.ts`.

import { bareCall, call, event, type Failed, type Outcome } from "./bridge-call.ts";
import type { GpuWay, LaunchForm } from "./launch-form.ts";

export const LAUNCHER_REASONS = [
  "formInvalid",
  "addressInvalid",
  "engineAbsent",
  "engineDenied",
  "engineLost",
  "engineSlow",
  "engineTls",
  "engineError",
  "sshMissing",
  "sshDenied",
  "sshHostKey",
  "sshUnreachable",
  "sshNoDocker",
  "imageMissing",
  "imageDenied",
  "imageArchitecture",
  "imageForeign",
  "registryUnreachable",
  "pullBroken",
  "diskFull",
  "portTaken",
  "nameTaken",
  "gpuUnavailable",
  "containerExited",
  "containerUnhealthy",
  "containerGone",
  "containerStopped",
  "containerUnpublished",
  "notOurs",
  "busy",
  "cancelled",
] as const;
export type LauncherReason = (typeof LAUNCHER_REASONS)[number];
export type LauncherFailure = Failed<LauncherReason>;
export type LauncherOutcome<T> = Outcome<T, LauncherReason>;

export const ENGINE_ORIGINS = ["system", "rootless", "desktop", "podman", "context", "environment", "added"] as const;
/** Where an engine was found: a socket of the system or of the user, Docker Desktop's, Podman's, the Docker CLI's contexts, DOCKER_HOST, or typed in. */
export type EngineOrigin = (typeof ENGINE_ORIGINS)[number];

export interface Engine {
  /** `unix:///path`, `npipe:////./pipe/name`, `ssh://user@host`, `tcp://host:port`, `context:NAME`, `environment:`. */
  readonly address: string;
  readonly origin: EngineOrigin;
  /** What the user calls it, where it has such a name. */
  readonly name: string;
  /** Another machine: it is asked only when it is chosen. */
  readonly remote: boolean;
  /** The Docker CLI's own choice. */
  readonly current: boolean;
}

export const GPU_GAPS = [
  "nvidiaDriver",
  "nvidiaToolkit",
  "nvidiaRuntime",
  "nvidiaNone",
  "cdiSpec",
  "cdiPodmanOld",
  "cdiDockerOld",
  "driModule",
  "driNone",
  "wslDevice",
  "wslNone",
  "macNone",
] as const;
/** What a way to a GPU lacks. */
export type GpuGap = (typeof GPU_GAPS)[number];

export interface GpuVerdict {
  readonly way: GpuWay;
  /** `unseen`: the engine's machine cannot be looked at from here. `absent`: there is no such GPU, and nothing to mend. */
  readonly state: "ready" | "missing" | "absent" | "unseen";
  readonly gap?: GpuGap;
  /** To be run on the engine's machine; mends it. */
  readonly command?: string;
  readonly devices: readonly { readonly id: string; readonly name: string }[];
}

export interface EngineDetails {
  readonly kind: "docker" | "podman";
  readonly version: string;
  readonly system: string;
  /** As images name it: amd64, arm64. */
  readonly architecture: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** One verdict a way, the best first; `none` is always there. */
  readonly gpu: readonly GpuVerdict[];
  /** Tags of Eglantine's images that the engine has. */
  readonly images: readonly string[];
  /** What the form has at first: a free port, a name and a password of its own, the best GPU. */
  readonly form: LaunchForm;
}

export interface LayerProgress {
  readonly id: string;
  readonly state: "waiting" | "downloading" | "verifying" | "extracting" | "done";
  readonly currentBytes: number;
  /** 0: not known. */
  readonly totalBytes: number;
}

export const LAUNCH_STAGES = ["pull", "create", "start", "health", "done", "failed"] as const;

export interface LaunchState {
  readonly stage: (typeof LAUNCH_STAGES)[number];
  readonly engine: string;
  readonly name: string;
  readonly image: string;
  readonly layers: readonly LayerProgress[];
  readonly failure?: LauncherFailure;
  /** The container's last words, where it failed. */
  readonly log?: string;
  /** The saved desktop that it became. */
  readonly desktop?: string;
}

export interface OwnContainer {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly state: "running" | "starting" | "stopped";
  readonly port: number;
  /** Of its home; empty: none. */
  readonly volume: string;
  /** It may be removed with the container: the launcher made it. */
  readonly ownVolume: boolean;
}

export interface ContainerStats {
  /** Of one processor: 200 is two of them. */
  readonly cpuPercent: number;
  readonly memoryBytes: number;
  readonly memoryLimitBytes: number;
  /** Where the container has nvidia-smi. */
  readonly gpu?: { readonly percent: number; readonly memoryBytes: number; readonly memoryTotalBytes: number };
}

interface EngineRef {
  readonly engine: string;
}
interface ContainerRef extends EngineRef {
  readonly container: string;
}

export const LAUNCHER_CALLS = {
  listEngines: bareCall<readonly Engine[]>("eglantine:list-engines", "Docker and Podman engines that may be there."),
  addEngine: call<[EngineRef], LauncherOutcome<readonly Engine[]>>(
    "eglantine:add-engine",
    "Remembers an engine of another machine, by ssh:// or tcp://.",
  ),
  forgetEngine: call<[EngineRef], readonly Engine[]>("eglantine:forget-engine", "Forgets one that was added."),
  inspectEngine: call<[EngineRef], LauncherOutcome<EngineDetails>>(
    "eglantine:inspect-engine",
    "Asks an engine what it is, whether a GPU can be had, and what a form should have.",
  ),
  writeLaunch: call<[LaunchForm], LauncherOutcome<{ readonly line: string; readonly compose: string }>>(
    "eglantine:write-launch",
    "The same container as a command line and as a Compose file; neither has the password.",
  ),
  launch: call<[LaunchForm], LauncherOutcome<null>>(
    "eglantine:launch",
    "Begins. What follows is told by `launchChanged`.",
  ),
  readLaunch: bareCall<LaunchState | null>("eglantine:read-launch", "How far the last launch is."),
  cancelLaunch: bareCall<void>("eglantine:cancel-launch", "Ends it, and takes back what it has made so far."),
  listContainers: call<[EngineRef], LauncherOutcome<readonly OwnContainer[]>>(
    "eglantine:list-containers",
    "Containers that the launcher made.",
  ),
  startContainer: call<[ContainerRef], LauncherOutcome<null>>("eglantine:start-container", "Starts one of them."),
  stopContainer: call<[ContainerRef], LauncherOutcome<null>>("eglantine:stop-container", "Stops one of them."),
  removeContainer: call<[ContainerRef & { readonly volume: boolean }], LauncherOutcome<null>>(
    "eglantine:remove-container",
    "Removes one of them; its home only where `volume` says so and the launcher made that too.",
  ),
  readContainerLog: call<[ContainerRef], LauncherOutcome<string>>("eglantine:container-log", "Its last lines."),
  readContainerStats: call<[ContainerRef], LauncherOutcome<ContainerStats>>(
    "eglantine:container-stats",
    "What it uses.",
  ),
  connectContainer: call<[ContainerRef], LauncherOutcome<string>>(
    "eglantine:connect-container",
    "The saved desktop of one of them, made where there is none.",
  ),
} as const;

export const LAUNCHER_EVENTS = {
  launchChanged: event<LaunchState>("eglantine:launch-changed", "How far the launch is."),
} as const;
