// Check: NVIDIA's kernel module and its libraries are of one version; two that differ refuse each other.

import { type Gpus, libraryVersionsOf } from "../gpu.ts";
import { type RuntimeName, wayFor } from "../runtime.ts";
import type { Check, Finding } from "../types.ts";

export const nvidiaDriver: Check = {
  name: "nvidia-driver",
  group: "graphics",
  title: "NVIDIA driver versions",
  doc: "The host's kernel module (/proc/driver/nvidia/version) against the driver's libraries in this place.",
  limitMs: 5000,
  run: (place) => Promise.resolve(judgeDriver(place.runtime.name, place.gpus)),
};

export function judgeDriver(runtime: RuntimeName, { nvidia, kernelVersion, libraries }: Gpus): Finding {
  if (nvidia.length === 0) return { verdict: "skip", seen: "No NVIDIA GPU here", means: "There is nothing to compare" };
  const versions = libraryVersionsOf(libraries);
  const seen = `Kernel module ${kernelVersion ?? "unknown"}; libraries ${versions.join(", ") || "none"}`;
  if (versions.length === 0) {
    return {
      verdict: "fail",
      seen,
      means: "The GPU is here without its driver's libraries: nothing can draw on it",
      fix: wayFor(runtime, {
        docker: "--gpus all -e NVIDIA_DRIVER_CAPABILITIES=all, with NVIDIA's container toolkit on the host",
        podman: "--device nvidia.com/gpu=all, after nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml on the host",
        kubernetes: "the node's container toolkit or GPU operator, and env: NVIDIA_DRIVER_CAPABILITIES=all",
        apptainer: "apptainer run --nv",
        plain: "install NVIDIA's driver libraries of the kernel module's version",
      }),
    };
  }
  if (kernelVersion === undefined) {
    return {
      verdict: "warn",
      seen,
      means: "The kernel does not tell its module's version, so that they can't be compared",
    };
  }
  if (versions.length === 1 && versions[0] === kernelVersion) {
    return { verdict: "pass", seen, means: "Kernel module and libraries are of one version" };
  }
  const others = versions.filter((version) => version !== kernelVersion);
  return {
    verdict: "fail",
    seen,
    means: `Libraries of version ${others.join(", ")} do not work with module ${kernelVersion}`,
    fix: wayFor(runtime, {
      docker: "with an image that has no driver of its own (apt-get purge 'libnvidia-*'); the toolkit gives the host's",
      kubernetes: "an image that has no driver of its own (apt-get purge 'libnvidia-*'); the toolkit gives the host's",
      apptainer: "apptainer run --nv, with an image that has no driver of its own",
      plain: "reboot after the driver's update, or install libraries of the module's version",
    }),
  };
}
