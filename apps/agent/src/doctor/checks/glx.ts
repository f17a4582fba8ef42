// Check: OpenGL on the session's display, as a program there has it: plain, and under VirtualGL where there is a GPU. By `eglantine-probe glx`.

import { findProgram } from "../program.ts";
import { isNoAnswer, type NoAnswer, type ProbeAnswers } from "../probe.ts";
import type { Check, Finding } from "../types.ts";
import { withoutProbe } from "./without-probe.ts";

type Answer = ProbeAnswers["glx"] | NoAnswer;

export const glx: Check = {
  name: "glx",
  group: "graphics",
  title: "OpenGL on the desktop",
  doc: "GLX on the session's X display; where EGL has hardware, under VirtualGL too.",
  limitMs: 50_000,
  run: async (place, signal) => {
    const { config } = place;
    const changes = { DISPLAY: config.display, XAUTHORITY: config.xauthority };
    const found = await place.egl(signal);
    const hardware = !isNoAnswer(found) && found.devices.some((device) => device.hardware && device.error === null);
    const plain = await place.probe("glx", { signal, changes });
    const vglrun = findProgram("vglrun", place.environment());
    const under = vglrun === undefined ? undefined : [vglrun, "-d", config.vglDisplay];
    const virtual = hardware && under !== undefined ? await place.probe("glx", { signal, changes, under }) : undefined;
    return judgeGlx({ plain, virtual, hardware, installed: vglrun !== undefined, device: config.vglDisplay });
  },
};

export interface GlxLook {
  readonly plain: Answer;
  /** Under VirtualGL; undefined: not asked. */
  readonly virtual: Answer | undefined;
  /** EGL has a GPU. */
  readonly hardware: boolean;
  /** VirtualGL is. */
  readonly installed: boolean;
  readonly device: string;
}

export function judgeGlx({ plain, virtual, hardware, installed, device }: GlxLook): Finding {
  if (isNoAnswer(plain)) return withoutProbe(plain);
  if (/^DISPLAY is not set|^no X server answers/.test(plain.error ?? "")) {
    return {
      verdict: "skip",
      seen: plain.error ?? "",
      means: "There is no X display to look at",
      fix: "ask in a running desktop: docker exec CONTAINER eglantine doctor, or the client's Doctor panel",
    };
  }
  const details = [
    `plain: ${plain.error ?? `${plain.renderer}${plain.direct ? ", direct" : ", indirect"}`}`,
    ...(virtual === undefined ? [] : [`under VirtualGL (${device}): ${rendererOf(virtual)}`]),
  ];
  if (virtual !== undefined && !isNoAnswer(virtual) && virtual.error === null && !isSoftware(virtual.renderer)) {
    return { verdict: "pass", seen: `${virtual.renderer} under VirtualGL`, means: "Programs draw on the GPU", details };
  }
  if (virtual !== undefined) {
    return {
      verdict: "fail",
      seen: `VirtualGL does not reach the GPU: ${rendererOf(virtual)}`,
      means: "OpenGL programs on the desktop draw in software, or not at all",
      fix: `VGL_DISPLAY=egl, or another device of the row “EGL devices” (now ${device})`,
      details,
    };
  }
  if (plain.error !== null) {
    return {
      verdict: "fail",
      seen: plain.error,
      means: "OpenGL programs do not run on this display",
      fix: "install Mesa's GLX (Debian packages libgl1 libglx-mesa0 libgl1-mesa-dri)",
      details,
    };
  }
  if (!isSoftware(plain.renderer)) {
    return {
      verdict: "pass",
      seen: plain.renderer,
      means: "Programs draw on the GPU, by the X server itself",
      details,
    };
  }
  if (hardware && !installed) {
    return {
      verdict: "warn",
      seen: `${plain.renderer}; VirtualGL is not installed`,
      means: "OpenGL programs on the desktop draw in software beside an idle GPU",
      fix: "docker build --build-arg VIRTUALGL_DEB_URL=… --build-arg VIRTUALGL_DEB_SHA256=…",
      details,
    };
  }
  return {
    verdict: "warn",
    seen: plain.renderer,
    means: "OpenGL programs on the desktop draw in software",
    fix: "give this place a GPU: see “GPU devices”",
    details,
  };
}

function rendererOf(answer: Answer): string {
  return isNoAnswer(answer) ? answer.why : (answer.error ?? answer.renderer);
}

export function isSoftware(renderer: string): boolean {
  return /llvmpipe|softpipe|swrast|lavapipe|software/i.test(renderer);
}
