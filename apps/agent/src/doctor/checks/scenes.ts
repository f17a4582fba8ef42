// Checks that measure: frames a second of a small OpenGL and a small Vulkan scene on what programs get, beside the same scene in software in
// the same minute, which is what software looks like here. By `eglantine-probe`.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Place } from "../place.ts";
import { isNoAnswer, type NoAnswer, type SceneAnswer } from "../probe.ts";
import type { Check, Finding } from "../types.ts";
import { isSoftware } from "./glx.ts";
import { withoutProbe } from "./without-probe.ts";

const SECONDS = ["--seconds", "1"];
/** Glvnd's and Vulkan's files that name Mesa's drivers in software. */
const MESA_EGL = ["/usr/share/glvnd/egl_vendor.d/50_mesa.json", "/etc/glvnd/egl_vendor.d/50_mesa.json"];
const ICD_FOLDERS = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"];

export const glScene: Check = {
  name: "gl-scene",
  group: "measured",
  title: "OpenGL scene",
  doc: "Frames a second of a small scene by EGL, and of the same in software (llvmpipe).",
  limitMs: 50_000,
  alone: true,
  run: async (place, signal) => {
    const found = await place.egl(signal);
    const hardware = isNoAnswer(found)
      ? undefined
      : found.devices.find((device) => device.hardware && device.error === null);
    const args = hardware === undefined ? SECONDS : ["--egl", String(hardware.index), ...SECONDS];
    const own = await place.probe("gl-scene", { signal, args });
    return judgeScene(
      "OpenGL",
      own,
      await inSoftware(own, () => place.probe("gl-scene", { signal, args: SECONDS, changes: softwareGl() })),
    );
  },
};

export const vulkanScene: Check = {
  name: "vulkan-scene",
  group: "measured",
  title: "Vulkan scene",
  doc: "Frames a second of a small scene by Vulkan, and of the same in software (lavapipe).",
  limitMs: 50_000,
  alone: true,
  run: async (place: Place, signal) => {
    const own = await place.probe("vulkan-scene", { signal, args: SECONDS });
    return judgeScene(
      "Vulkan",
      own,
      await inSoftware(own, () => place.probe("vulkan-scene", { signal, args: SECONDS, changes: softwareVulkan() })),
    );
  },
};

type Answer = SceneAnswer | NoAnswer;

/** `software`: the scale; undefined: what was measured is software itself. */
export function judgeScene(api: "OpenGL" | "Vulkan", own: Answer, software: Answer | undefined): Finding {
  if (isNoAnswer(own)) return withoutProbe(own);
  if (own.error !== null) {
    return { verdict: "skip", seen: own.error, means: `No ${api} scene can be drawn here: see the row of its devices` };
  }
  const rate = `${Math.round(own.framesPerSecond)} frames a second on ${own.renderer}`;
  const figures = { framesPerSecond: own.framesPerSecond };
  if (software === undefined) {
    return {
      verdict: "warn",
      seen: rate,
      means: "This is what software looks like: the processor draws",
      fix: "give this place a GPU: see “GPU devices”",
      figures: { ...figures, softwareFramesPerSecond: own.framesPerSecond },
    };
  }
  if (isNoAnswer(software) || software.error !== null) {
    const why = isNoAnswer(software) ? software.why : software.error;
    return {
      verdict: "pass",
      seen: rate,
      means: `There is no software renderer here to compare with: ${why}`,
      figures,
    };
  }
  const scale = `software (${software.renderer}) draws ${Math.round(software.framesPerSecond)}`;
  const both = { ...figures, softwareFramesPerSecond: software.framesPerSecond };
  if (own.framesPerSecond > software.framesPerSecond) {
    const times = (own.framesPerSecond / Math.max(software.framesPerSecond, 1e-3)).toFixed(1);
    return {
      verdict: "pass",
      seen: `${rate}; ${scale}`,
      means: `${times} times what software looks like`,
      figures: both,
    };
  }
  return {
    verdict: "warn",
    seen: `${rate}; ${scale}`,
    means: "The GPU is no faster than software: it is busy, throttled, or shared by many",
    fix: "nvidia-smi, radeontop or intel_gpu_top on the host show who uses it",
    figures: both,
  };
}

async function inSoftware(own: Answer, measure: () => Promise<Answer>): Promise<Answer | undefined> {
  if (isNoAnswer(own) || own.error !== null || isSoftware(own.renderer)) return undefined;
  return measure();
}

function softwareGl(): Readonly<Record<string, string>> {
  const vendor = MESA_EGL.find((file) => existsSync(file));
  return {
    LIBGL_ALWAYS_SOFTWARE: "1",
    ...(vendor === undefined ? {} : { __EGL_VENDOR_LIBRARY_FILENAMES: vendor }),
  };
}

function softwareVulkan(): Readonly<Record<string, string>> {
  const files = ICD_FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /^lvp_icd.*\.json$/.test(name))
      .map((name) => join(folder, name)),
  );
  // The second is what loaders before 1.3.207 know.
  return { VK_DRIVER_FILES: files.join(":"), VK_ICD_FILENAMES: files.join(":") };
}
