// Check: the Vulkan devices that programs find. By `eglantine-probe vulkan`.

import { type Gpus, usableGpu } from "../gpu.ts";
import { isNoAnswer, type NoAnswer, type ProbeAnswers } from "../probe.ts";
import type { RuntimeName } from "../runtime.ts";
import type { Check, Finding } from "../types.ts";
import { nvidiaFlag } from "./gpu-devices.ts";
import { withoutProbe } from "./without-probe.ts";

export const vulkan: Check = {
  name: "vulkan",
  group: "graphics",
  title: "Vulkan devices",
  doc: "Every Vulkan device, its kind and its driver.",
  limitMs: 25_000,
  run: async (place, signal) => judgeVulkan(await place.probe("vulkan", { signal }), place.gpus, place.runtime.name),
};

export function judgeVulkan(answer: ProbeAnswers["vulkan"] | NoAnswer, gpus: Gpus, runtime: RuntimeName): Finding {
  if (isNoAnswer(answer)) return withoutProbe(answer);
  const { devices, error } = answer;
  const details = devices.map(({ name, type, driver, api }) => `${name}: ${type}, ${driver}, Vulkan ${api}`);
  const hardware = devices.find(({ type }) => type !== "cpu");
  if (hardware !== undefined) {
    return { verdict: "pass", seen: hardware.name, means: "Vulkan programs draw on the GPU", details };
  }
  const [software] = devices;
  const seen = software?.name ?? error ?? "No Vulkan device";
  if (usableGpu(gpus) !== undefined) {
    return {
      verdict: "warn",
      seen: `A GPU is here, and Vulkan does not find it: ${seen}`,
      means: "Vulkan programs draw in software beside an idle GPU",
      fix:
        gpus.nvidia.length > 0
          ? nvidiaFlag(runtime)
          : "install the GPU's Vulkan driver (Debian package mesa-vulkan-drivers)",
      details,
    };
  }
  if (software === undefined) {
    return {
      verdict: "warn",
      seen,
      means: "Vulkan programs do not run here",
      fix: "install a Vulkan driver in software (Debian packages libvulkan1 mesa-vulkan-drivers)",
    };
  }
  return {
    verdict: "warn",
    seen,
    means: "Vulkan programs draw in software",
    fix: "give this place a GPU: see “GPU devices”",
    details,
  };
}
