// From the form to the container that it stands for: environment, mounts, rights, devices. PURE. What the plan says is written three times, and means
// the same each time: `create-options.ts` (the Engine API), `run-line.ts` (a command line), `compose-file.ts`. Hardened as image/compose.yaml is.

import type { LaunchForm } from "../../shared/launch-form.ts";

/** What the engine's machine is like, as far as the plan depends on it. */
export interface PlanSurroundings {
  readonly engineKind: "docker" | "podman";
  /** Group that may open /dev/dri there, by number: the image does not know the host's by name. */
  readonly renderGroup?: number;
}

export interface Plan {
  readonly program: "docker" | "podman";
  /** Address of the engine, as the form has it. */
  readonly engine: string;
  readonly name: string;
  readonly image: string;
  readonly refresh: boolean;
  readonly env: Readonly<Record<string, string>>;
  /** Given by the environment of whoever starts it, and written nowhere. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Empty: all addresses of the machine. */
  readonly publishAddress: string;
  readonly port: number;
  /** Volume of the home; empty: none. */
  readonly home: string;
  readonly binds: readonly string[];
  readonly devices: readonly string[];
  readonly groups: readonly string[];
  /** No devices: all. */
  readonly gpus?: { readonly driver: "nvidia" | "cdi"; readonly devices: readonly string[] };
  readonly tmpfs: Readonly<Record<string, string>>;
  readonly shmBytes: number;
  readonly pids: number;
  readonly stopSeconds: number;
  readonly memoryBytes: number;
  readonly cpus: number;
  readonly restart: boolean;
}

export const HOME = "/home/user";
export const PASSWORD_VARIABLE = "BASIC_AUTH_PASSWORD";
const GIB = 1024 ** 3;

type Graphics = Pick<Plan, "binds" | "devices" | "groups" | "gpus"> & {
  readonly env: Readonly<Record<string, string>>;
};

function graphicsOf({ gpu, gpuDevice }: LaunchForm, { renderGroup }: PlanSurroundings): Graphics {
  const none = { binds: [], devices: [], groups: [], env: {} };
  // A device request alone gives `utility` and `compute`: no OpenGL, no encoder.
  const nvidia = { NVIDIA_DRIVER_CAPABILITIES: "all" };
  switch (gpu) {
    case "nvidia":
      return { ...none, env: nvidia, gpus: { driver: "nvidia", devices: gpuDevice === "all" ? [] : [gpuDevice] } };
    case "cdi":
      return { ...none, env: nvidia, gpus: { driver: "cdi", devices: [`nvidia.com/gpu=${gpuDevice}`] } };
    case "dri":
      return { ...none, devices: ["/dev/dri"], groups: renderGroup === undefined ? [] : [String(renderGroup)] };
    case "wsl":
      return { ...none, devices: ["/dev/dxg"], binds: ["/usr/lib/wsl:/usr/lib/wsl:ro"] };
    case "none":
      return none;
    default:
      return gpu satisfies never;
  }
}

export function planOf(form: LaunchForm, surroundings: PlanSurroundings): Plan {
  const graphics = graphicsOf(form, surroundings);
  const isOpen = form.reach === "network";
  const publicAddress = isOpen ? form.publicAddress : "127.0.0.1";
  return {
    program: surroundings.engineKind,
    engine: form.engine,
    name: form.name,
    image: form.image,
    refresh: form.refresh,
    env: {
      EGLANTINE_PORT: String(form.port),
      ...(publicAddress !== "" && { EGLANTINE_PUBLIC_ADDRESS: publicAddress }),
      SIZEW: String(form.widthPx),
      SIZEH: String(form.heightPx),
      ...(form.timeZone !== "" && { TZ: form.timeZone }),
      ...(form.language !== "" && { LANG: form.language }),
      ...graphics.env,
    },
    secrets: { [PASSWORD_VARIABLE]: form.password },
    publishAddress: isOpen ? "" : "127.0.0.1",
    port: form.port,
    home: form.home,
    binds: graphics.binds,
    devices: graphics.devices,
    groups: graphics.groups,
    ...(graphics.gpus && { gpus: graphics.gpus }),
    // Programs may be started from there, as AppImages are.
    tmpfs: { "/tmp": "mode=1777,exec", "/run": "mode=1777,exec" },
    shmBytes: GIB,
    pids: 8192,
    // EGLANTINE_STOP_SECONDS, in which programs end, and a margin.
    stopSeconds: 15,
    memoryBytes: Math.round(form.memoryGib * GIB),
    cpus: form.cpus,
    restart: form.restart,
  };
}
