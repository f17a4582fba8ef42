// Check: the OpenCL platforms and devices that programs find. By `eglantine-probe opencl`.

import { type Gpus, usableGpu } from "../gpu.ts";
import { isNoAnswer, type NoAnswer, type ProbeAnswers } from "../probe.ts";
import type { Check, Finding } from "../types.ts";
import { withoutProbe } from "./without-probe.ts";

export const opencl: Check = {
  name: "opencl",
  group: "graphics",
  title: "OpenCL devices",
  doc: "Every OpenCL platform and its devices. Few programs need it.",
  limitMs: 25_000,
  run: async (place, signal) => judgeOpencl(await place.probe("opencl", { signal }), place.gpus),
};

export function judgeOpencl(answer: ProbeAnswers["opencl"] | NoAnswer, gpus: Gpus): Finding {
  if (isNoAnswer(answer)) return withoutProbe(answer);
  const { platforms, error } = answer;
  const devices = platforms.flatMap((platform) => platform.devices.map((device) => ({ ...device, platform })));
  const details = devices.map(
    ({ name, type, platform }) => `${name} (${type}), by ${platform.name} ${platform.version}`,
  );
  const [first] = devices;
  if (first !== undefined) {
    return { verdict: "pass", seen: first.name, means: "Programs can compute by OpenCL", details };
  }
  const seen = error ?? (platforms.length === 0 ? "No OpenCL platform" : "OpenCL platforms without a device");
  if (usableGpu(gpus) === undefined) return { verdict: "skip", seen, means: "There is no GPU to compute on" };
  return {
    verdict: "warn",
    seen: `A GPU is here, and OpenCL does not find it: ${seen}`,
    means: "Programs that compute by OpenCL do not find the GPU",
    fix:
      gpus.nvidia.length > 0
        ? "NVIDIA_DRIVER_CAPABILITIES=all (its part compute)"
        : "install the GPU's OpenCL driver (Debian package mesa-opencl-icd)",
  };
}
