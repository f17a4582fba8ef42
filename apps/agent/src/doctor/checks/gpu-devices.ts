// Check: the GPUs that this place was given, whether they can be opened, and which flag gives the ones that the host has.

import { type DeviceNode, type Gpus, type GpuVendor, usableGpu } from "../gpu.ts";
import { type Runtime, type RuntimeName, wayFor } from "../runtime.ts";
import type { Check, Finding } from "../types.ts";

export const gpuDevices: Check = {
  name: "gpu-devices",
  group: "graphics",
  title: "GPU devices",
  doc: "/dev/nvidia*, /dev/dri with its groups, WSL's /dev/dxg: given, and to be opened; else the flag for what the host has.",
  limitMs: 5000,
  run: (place) => Promise.resolve(judgeGpus(place.runtime, place.gpus, place.config.surroundings.nvidiaDevices)),
};

export function judgeGpus(runtime: Runtime, gpus: Gpus, visible: string | undefined): Finding {
  const nodes = [...gpus.nvidia, ...gpus.nvidiaControl, ...gpus.dri, ...gpus.dxg];
  const details = nodes.map(said);
  if (nodes.length === 0) return without(runtime, gpus);
  const closed = nodes.find(({ refused }) => refused !== undefined);
  const usable = usableGpu(gpus);
  if (usable === undefined) {
    if (closed !== undefined) {
      return {
        verdict: "fail",
        seen: `${closed.path} is there and can't be opened (${closed.refused})`,
        means: `It belongs to group ${closed.gid}, which this user is not in: everything is drawn in software`,
        fix: groupFlag(runtime.name, closed.gid),
        details,
      };
    }
    return {
      verdict: "warn",
      seen: "A GPU's control device is there, and no GPU",
      means: `The container was given the driver and no GPU${visible === undefined ? "" : ` (NVIDIA_VISIBLE_DEVICES is "${visible}")`}`,
      fix: nvidiaFlag(runtime.name),
      details,
    };
  }
  const render = gpus.dri.filter(({ path }) => path.includes("render"));
  if (gpus.nvidia.length === 0 && render.some(({ refused }) => refused !== undefined)) {
    const shut = render.find(({ refused }) => refused !== undefined);
    return {
      verdict: "warn",
      seen: `${usable.path} can be opened, ${shut?.path} can't (${shut?.refused})`,
      means: "One of several GPUs is shut",
      fix: groupFlag(runtime.name, shut?.gid ?? 0),
      details,
    };
  }
  return { verdict: "pass", seen: `${usable.path} can be opened`, means: "Programs may draw on a GPU", details };
}

function without(runtime: Runtime, { host }: Gpus): Finding {
  if (runtime.wsl) {
    return {
      verdict: "warn",
      seen: "No GPU here; the host is Windows (WSL), which has one at /dev/dxg",
      means: "Everything is drawn in software",
      fix: wayFor(runtime.name, {
        docker: "--device /dev/dxg -v /usr/lib/wsl:/usr/lib/wsl:ro -e LD_LIBRARY_PATH=/usr/lib/wsl/lib",
        kubernetes: "a hostPath volume for /dev/dxg and one for /usr/lib/wsl",
        apptainer: "apptainer run --bind /dev/dxg,/usr/lib/wsl",
        plain: "wsl --update, and a current driver in Windows",
      }),
    };
  }
  const [vendor] = host;
  if (vendor === undefined) {
    return {
      verdict: "warn",
      seen: "No GPU here, and none on the host's PCI bus",
      means: "Everything is drawn in software (llvmpipe), by the processor",
      fix: `on a host with a GPU: ${nvidiaFlag(runtime.name)} (NVIDIA), or ${driFlag(runtime.name)} (AMD, Intel)`,
    };
  }
  return {
    verdict: "warn",
    seen: `The host has a GPU (${host.map((name) => VENDOR_NAMES[name]).join(", ")}), and this place was not given it`,
    means: "Everything is drawn in software (llvmpipe), by the processor",
    fix: vendor === "nvidia" ? nvidiaFlag(runtime.name) : driFlag(runtime.name),
  };
}

const VENDOR_NAMES: Record<GpuVendor, string> = { nvidia: "NVIDIA", amd: "AMD", intel: "Intel" };

function said({ path, gid, refused }: DeviceNode): string {
  return `${path}, group ${gid}: ${refused === undefined ? "opens" : refused}`;
}

export function nvidiaFlag(runtime: RuntimeName): string {
  return wayFor(runtime, {
    docker: "--gpus all -e NVIDIA_DRIVER_CAPABILITIES=all",
    podman: "--device nvidia.com/gpu=all",
    kubernetes: 'resources: { limits: { "nvidia.com/gpu": 1 } }',
    apptainer: "apptainer run --nv",
    plain: "install NVIDIA's driver",
  });
}

function driFlag(runtime: RuntimeName): string {
  return wayFor(runtime, {
    docker: "--device /dev/dri --group-add $(stat -c %g /dev/dri/renderD128)",
    kubernetes: 'resources: { limits: { "amd.com/gpu": 1 } } or "gpu.intel.com/i915", by their device plugin',
    apptainer: "apptainer run --bind /dev/dri",
    plain: "load the GPU's kernel driver (amdgpu, i915 or xe)",
  });
}

function groupFlag(runtime: RuntimeName, gid: number): string {
  return wayFor(runtime, {
    docker: `--group-add ${gid}`,
    kubernetes: `securityContext: { supplementalGroups: [${gid}] }`,
    apptainer: `add your account to group ${gid} on the host`,
    plain: `add your account to group ${gid}: usermod -aG ${gid} NAME`,
  });
}
