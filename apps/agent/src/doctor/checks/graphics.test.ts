// The checks that ask eglantine-probe: egl.ts, glx.ts, vulkan.ts, opencl.ts, scenes.ts.

import { describe, expect, test } from "vitest";
import type { EglDevice } from "../probe.ts";
import { NO_GPUS, NVIDIA_GPU } from "../testing/gpus.ts";
import { judgeEgl } from "./egl.ts";
import { type GlxLook, isSoftware, judgeGlx } from "./glx.ts";
import { judgeOpencl } from "./opencl.ts";
import { judgeScene } from "./scenes.ts";
import { judgeVulkan } from "./vulkan.ts";

const MISSING = { why: "eglantine-probe is not installed", missing: true };
const HANGS = { why: "eglantine-probe egl did not end in time, or crashed", missing: false };
const SOFTWARE: EglDevice = {
  index: 1,
  vendor: "Mesa",
  renderer: "llvmpipe (LLVM 15.0.6, 256 bits)",
  version: "4.5",
  drm: null,
  render: null,
  hardware: false,
  error: null,
};
const HARDWARE: EglDevice = {
  ...SOFTWARE,
  index: 0,
  renderer: "NVIDIA H200",
  hardware: true,
  render: "/dev/dri/renderD128",
};

test("without the probe nothing is said to be wrong, and it is told how to get it", () => {
  const finding = { verdict: "skip", fix: "make -C image/graphics" };
  expect(judgeEgl(MISSING, NO_GPUS, "docker")).toMatchObject(finding);
  expect(judgeVulkan(MISSING, NO_GPUS, "docker")).toMatchObject(finding);
  expect(judgeOpencl(MISSING, NO_GPUS)).toMatchObject(finding);
  expect(judgeScene("OpenGL", MISSING, undefined)).toMatchObject(finding);
  expect(judgeEgl(HANGS, NO_GPUS, "docker").verdict).toBe("fail");
});

describe("EGL", () => {
  test("hardware passes, with every device listed", () => {
    const finding = judgeEgl({ devices: [SOFTWARE, HARDWARE], error: null }, NVIDIA_GPU, "docker");
    expect(finding).toMatchObject({ verdict: "pass", seen: "NVIDIA H200 (device 0)" });
    expect(finding.details).toEqual([
      "device 1: llvmpipe (LLVM 15.0.6, 256 bits), software",
      "device 0 (/dev/dri/renderD128): NVIDIA H200, hardware",
    ]);
  });

  test("software is a warning, and beside a GPU that can be opened a failure", () => {
    expect(judgeEgl({ devices: [SOFTWARE], error: null }, NO_GPUS, "docker").verdict).toBe("warn");
    expect(judgeEgl({ devices: [SOFTWARE], error: null }, NVIDIA_GPU, "docker")).toMatchObject({
      verdict: "fail",
      fix: "docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=all",
    });
  });

  test("hardware whose driver does not start is no hardware", () => {
    const broken = { ...HARDWARE, renderer: null, error: "no context could be made" };
    expect(judgeEgl({ devices: [broken, SOFTWARE], error: null }, NVIDIA_GPU, "docker").verdict).toBe("fail");
  });

  test("nothing at all is a failure", () => {
    expect(judgeEgl({ devices: [], error: "libEGL.so.1: not found" }, NO_GPUS, "docker")).toMatchObject({
      verdict: "fail",
      seen: "libEGL.so.1: not found",
    });
  });
});

describe("GLX", () => {
  const glx = (renderer: string, error: string | null = null) => ({
    vendor: "",
    renderer,
    version: "",
    direct: true,
    error,
  });
  const look: GlxLook = { plain: glx("llvmpipe"), virtual: undefined, hardware: false, installed: true, device: "egl" };

  test("software without a GPU is a warning", () => {
    expect(judgeGlx(look)).toMatchObject({ verdict: "warn", seen: "llvmpipe" });
  });

  test("under VirtualGL the GPU passes, and software fails", () => {
    expect(judgeGlx({ ...look, hardware: true, virtual: glx("NVIDIA H200/PCIe/SSE2") })).toMatchObject({
      verdict: "pass",
      seen: "NVIDIA H200/PCIe/SSE2 under VirtualGL",
    });
    expect(judgeGlx({ ...look, hardware: true, virtual: glx("llvmpipe") }).verdict).toBe("fail");
    expect(judgeGlx({ ...look, hardware: true, virtual: HANGS }).verdict).toBe("fail");
  });

  test("a GPU without VirtualGL is told how to use it", () => {
    expect(judgeGlx({ ...look, hardware: true, installed: false })).toMatchObject({
      verdict: "warn",
      fix: "docker build --build-arg VIRTUALGL_DEB_URL=… --build-arg VIRTUALGL_DEB_SHA256=…",
    });
  });

  test("without a display it is passed over; without OpenGL on it, it fails", () => {
    expect(judgeGlx({ ...look, plain: glx("", "DISPLAY is not set") }).verdict).toBe("skip");
    expect(judgeGlx({ ...look, plain: glx("", "no X server answers at :7") }).verdict).toBe("skip");
    expect(judgeGlx({ ...look, plain: glx("", "the X server has no GLX") }).verdict).toBe("fail");
  });

  test("the names of software renderers are known", () => {
    for (const name of ["llvmpipe (LLVM 15)", "softpipe", "SWRast", "lavapipe"]) expect(isSoftware(name)).toBe(true);
    for (const name of ["NVIDIA H200", "AMD Radeon RX 7600", "Mesa Intel(R) Iris"])
      expect(isSoftware(name)).toBe(false);
  });
});

test("Vulkan: a device that is no processor passes", () => {
  const cpu = { name: "llvmpipe", type: "cpu", driver: "llvmpipe 22.3", api: "1.3.230" } as const;
  const gpu = { name: "NVIDIA H200", type: "discrete", driver: "NVIDIA 535", api: "1.3.242" } as const;
  expect(judgeVulkan({ devices: [cpu, gpu], error: null }, NVIDIA_GPU, "docker")).toMatchObject({
    verdict: "pass",
    seen: "NVIDIA H200",
  });
  expect(judgeVulkan({ devices: [cpu], error: null }, NO_GPUS, "docker")).toMatchObject({
    verdict: "warn",
    seen: "llvmpipe",
  });
  expect(judgeVulkan({ devices: [cpu], error: null }, NVIDIA_GPU, "docker").means).toMatch(/beside an idle GPU/);
  expect(judgeVulkan({ devices: [], error: "libvulkan.so.1: not found" }, NO_GPUS, "docker").means).toMatch(
    /do not run/,
  );
});

test("OpenCL: a device passes; none is a warning beside a GPU alone", () => {
  const platforms = [{ name: "NVIDIA CUDA", version: "OpenCL 3.0", devices: [{ name: "NVIDIA H200", type: "gpu" }] }];
  expect(judgeOpencl({ platforms, error: null }, NVIDIA_GPU).verdict).toBe("pass");
  expect(judgeOpencl({ platforms: [], error: "no platform" }, NO_GPUS).verdict).toBe("skip");
  expect(judgeOpencl({ platforms: [], error: "no platform" }, NVIDIA_GPU).verdict).toBe("warn");
});

describe("a scene", () => {
  const scene = (framesPerSecond: number, renderer: string) => ({
    framesPerSecond,
    renderer,
    frames: 100,
    error: null,
  });

  test("is measured against software in the same run", () => {
    expect(judgeScene("OpenGL", scene(4200, "NVIDIA H200"), scene(70, "llvmpipe"))).toMatchObject({
      verdict: "pass",
      seen: "4200 frames a second on NVIDIA H200; software (llvmpipe) draws 70",
      means: "60.0 times what software looks like",
      figures: { framesPerSecond: 4200, softwareFramesPerSecond: 70 },
    });
  });

  test("in software is what software looks like", () => {
    expect(judgeScene("Vulkan", scene(70, "llvmpipe"), undefined)).toMatchObject({
      verdict: "warn",
      means: "This is what software looks like: the processor draws",
      figures: { framesPerSecond: 70, softwareFramesPerSecond: 70 },
    });
  });

  test("on a GPU that is no faster is a warning", () => {
    expect(judgeScene("OpenGL", scene(60, "NVIDIA H200"), scene(70, "llvmpipe")).verdict).toBe("warn");
  });

  test("that can't be drawn is passed over; a scale that can't be had is none", () => {
    expect(judgeScene("Vulkan", { ...scene(0, ""), error: "no device" }, undefined).verdict).toBe("skip");
    expect(judgeScene("OpenGL", scene(4200, "NVIDIA H200"), MISSING)).toMatchObject({ verdict: "pass" });
  });
});
