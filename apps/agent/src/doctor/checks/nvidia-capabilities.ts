// Check: the parts of NVIDIA's driver that the container toolkit gave, told by the libraries that are there (libnvidia-container's lists).

import type { Gpus } from "../gpu.ts";
import { type RuntimeName, wayFor } from "../runtime.ts";
import type { Check, Finding } from "../types.ts";

export const nvidiaCapabilities: Check = {
  name: "nvidia-capabilities",
  group: "graphics",
  title: "NVIDIA_DRIVER_CAPABILITIES",
  doc: "Which parts of NVIDIA's driver are here (compute, graphics, utility, video, display), and what is lost without the others.",
  limitMs: 5000,
  run: (place) =>
    Promise.resolve(judgeParts(place.runtime.name, place.gpus, place.config.surroundings.nvidiaCapabilities)),
};

interface Part {
  readonly name: string;
  /** One file of each of these must be there. */
  readonly libraries: readonly string[];
  readonly lost: string;
}

const PARTS: readonly Part[] = [
  { name: "graphics", libraries: ["libEGL_nvidia.so", "libGLX_nvidia.so"], lost: "OpenGL and Vulkan on the GPU" },
  { name: "video", libraries: ["libnvidia-encode.so", "libnvcuvid.so"], lost: "encoding on the GPU (NVENC)" },
  { name: "compute", libraries: ["libcuda.so"], lost: "CUDA, OpenCL, and NVENC, which needs CUDA" },
  { name: "utility", libraries: ["libnvidia-ml.so"], lost: "nvidia-smi" },
];

export function judgeParts(runtime: RuntimeName, gpus: Gpus, asked: string | undefined): Finding {
  if (gpus.nvidia.length === 0) {
    return { verdict: "skip", seen: "No NVIDIA GPU here", means: "No part of its driver is needed" };
  }
  const has = (library: string) => gpus.libraries.some((name) => name === library || name.startsWith(`${library}.`));
  const missing = PARTS.filter(({ libraries }) => !libraries.every(has));
  // Of X servers on the GPU's own outputs alone.
  const display = gpus.nvidiaControl.some(({ path }) => path.endsWith("-modeset"));
  const details = [
    ...PARTS.map((part) => `${part.name}: ${missing.includes(part) ? `missing, and with it ${part.lost}` : "here"}`),
    `display: ${display ? "here" : "missing, and not needed: no X server draws on the GPU's own outputs"}`,
  ];
  const setting =
    asked === undefined ? "NVIDIA_DRIVER_CAPABILITIES is not set" : `NVIDIA_DRIVER_CAPABILITIES is "${asked}"`;
  if (missing.length === 0) {
    return {
      verdict: "pass",
      seen: `All parts are here; ${setting}`,
      means: "Nothing of the driver is missing",
      details,
    };
  }
  return {
    verdict: missing.some(({ name }) => name !== "utility") ? "fail" : "warn",
    seen: `Missing: ${missing.map(({ name }) => name).join(", ")}; ${setting}`,
    means: `Without it there is no ${missing.map(({ lost }) => lost).join("; no ")}`,
    fix: wayFor(runtime, {
      docker: "--gpus all -e NVIDIA_DRIVER_CAPABILITIES=all",
      kubernetes: "env: [{ name: NVIDIA_DRIVER_CAPABILITIES, value: all }]",
      apptainer: "apptainer run --nv --nvccli, with NVIDIA_DRIVER_CAPABILITIES=all",
      plain: "install the missing packages of NVIDIA's driver",
    }),
    details,
  };
}
