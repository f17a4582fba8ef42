// Check: the EGL devices that programs find, and whether one of them is hardware. By `eglantine-probe egl`.

import { type Gpus, usableGpu } from "../gpu.ts";
import { type EglDevice, isNoAnswer, type NoAnswer, type ProbeAnswers } from "../probe.ts";
import type { RuntimeName } from "../runtime.ts";
import type { Check, Finding } from "../types.ts";
import { nvidiaFlag } from "./gpu-devices.ts";
import { withoutProbe } from "./without-probe.ts";

export const egl: Check = {
  name: "egl",
  group: "graphics",
  title: "EGL devices",
  doc: "Every EGL device and its renderer, each opened: hardware, or llvmpipe. What VirtualGL and headless programs draw on.",
  limitMs: 25_000,
  run: async (place, signal) => judgeEgl(await place.egl(signal), place.gpus, place.runtime.name),
};

export function judgeEgl(answer: ProbeAnswers["egl"] | NoAnswer, gpus: Gpus, runtime: RuntimeName): Finding {
  if (isNoAnswer(answer)) return withoutProbe(answer);
  const { devices, error } = answer;
  const details = devices.map(said);
  const hardware = devices.find((device) => device.hardware && device.error === null);
  if (hardware !== undefined) {
    const means = "OpenGL programs can draw on the GPU, without an X server on it";
    return { verdict: "pass", seen: `${hardware.renderer ?? "A GPU"} (device ${hardware.index})`, means, details };
  }
  const software = devices.find((device) => device.error === null);
  const seen = software?.renderer ?? error ?? devices[0]?.error ?? "No EGL device";
  if (usableGpu(gpus) !== undefined) {
    return {
      verdict: "fail",
      seen: `A GPU is here, and EGL does not find it: ${seen}`,
      means: "OpenGL programs draw in software beside an idle GPU",
      fix:
        gpus.nvidia.length > 0
          ? nvidiaFlag(runtime)
          : "install the GPU's Mesa driver (Debian package libgl1-mesa-dri, libegl-mesa0); see the rows above",
      details,
    };
  }
  if (software === undefined) {
    return {
      verdict: "fail",
      seen,
      means: "No program can make an EGL context, not even in software",
      fix: "install Mesa (Debian packages libegl1 libegl-mesa0 libgl1-mesa-dri)",
      details,
    };
  }
  return {
    verdict: "warn",
    seen,
    means: "OpenGL programs draw in software",
    fix: "give this place a GPU: see “GPU devices”",
    details,
  };
}

function said({ index, renderer, vendor, hardware, render, error }: EglDevice): string {
  const kind = error ?? `${renderer ?? vendor ?? "unknown"}, ${hardware ? "hardware" : "software"}`;
  return `device ${index}${render === null ? "" : ` (${render})`}: ${kind}`;
}
