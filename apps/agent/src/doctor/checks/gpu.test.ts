// The checks of the GPU and its driver: gpu-devices.ts, nvidia-driver.ts, nvidia-capabilities.ts.

import { expect, test } from "vitest";
import type { Gpus } from "../gpu.ts";
import type { Runtime } from "../runtime.ts";
import { NO_GPUS } from "../testing/gpus.ts";
import { judgeGpus } from "./gpu-devices.ts";
import { judgeParts } from "./nvidia-capabilities.ts";
import { judgeDriver } from "./nvidia-driver.ts";

const RUNTIME: Runtime = { name: "docker", readOnlyRoot: true, wsl: false, uid: 1000, gid: 1000, groups: [1000] };
const node = (path: string, refused?: string) => ({ path, gid: 993, refused });
const DRIVER = "535.104.05";
const LIBRARIES = [
  `libEGL_nvidia.so.${DRIVER}`,
  "libEGL_nvidia.so.0",
  "libGLX_nvidia.so.0",
  "libnvidia-encode.so.1",
  "libnvcuvid.so.1",
  "libcuda.so.1",
  "libnvidia-ml.so.1",
];
const NVIDIA: Gpus = {
  ...NO_GPUS,
  nvidia: [node("/dev/nvidia0")],
  nvidiaControl: [node("/dev/nvidiactl"), node("/dev/nvidia-uvm"), node("/dev/nvidia-modeset")],
  host: ["nvidia"],
  kernelVersion: DRIVER,
  libraries: LIBRARIES,
};

const fixOf = (gpus: Partial<Gpus>, runtime: Partial<Runtime> = {}) =>
  judgeGpus({ ...RUNTIME, ...runtime }, { ...NO_GPUS, ...gpus }, undefined);

test("without any GPU both flags are told", () => {
  expect(fixOf({})).toMatchObject({
    verdict: "warn",
    seen: "No GPU here, and none on the host's PCI bus",
    fix:
      "on a host with a GPU: docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=all (NVIDIA), " +
      "or docker run --device /dev/dri --group-add $(stat -c %g /dev/dri/renderD128) (AMD, Intel)",
  });
});

test("a GPU of the host that the container was not given is told with its own flag", () => {
  expect(fixOf({ host: ["nvidia"] })).toMatchObject({
    verdict: "warn",
    fix: "docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=all",
  });
  expect(fixOf({ host: ["amd"] }).fix).toMatch(/^docker run --device \/dev\/dri /);
  expect(fixOf({ host: ["intel"] }, { name: "kubernetes" }).fix).toMatch(/gpu\.intel\.com\/i915/);
  expect(fixOf({ host: ["nvidia"] }, { name: "podman" }).fix).toBe("podman run --device nvidia.com/gpu=all");
  expect(fixOf({ host: ["nvidia"] }, { name: "apptainer" }).fix).toBe("apptainer run --nv");
  expect(fixOf({}, { wsl: true }).fix).toMatch(/--device \/dev\/dxg -v \/usr\/lib\/wsl/);
});

test("a GPU that can be opened passes", () => {
  expect(fixOf(NVIDIA)).toMatchObject({ verdict: "pass", seen: "/dev/nvidia0 can be opened" });
  expect(fixOf({ dri: [node("/dev/dri/card0", "EACCES"), node("/dev/dri/renderD128")] }).verdict).toBe("pass");
  expect(fixOf({ dxg: [node("/dev/dxg")] }, { wsl: true }).verdict).toBe("pass");
});

test("a GPU of another group is told with that group's number", () => {
  const dri = [node("/dev/dri/card0", "EACCES"), node("/dev/dri/renderD128", "EACCES")];
  expect(fixOf({ dri })).toMatchObject({ verdict: "fail", fix: "docker run --group-add 993" });
  expect(fixOf({ dri }, { name: "kubernetes" }).fix).toBe("securityContext: { supplementalGroups: [993] }");
});

test("of two GPUs the shut one is told", () => {
  const dri = [node("/dev/dri/renderD128"), node("/dev/dri/renderD129", "EACCES")];
  expect(fixOf({ dri })).toMatchObject({ verdict: "warn", fix: "docker run --group-add 993" });
});

test("the driver without a GPU is told, with what was asked for", () => {
  const gpus = { ...NO_GPUS, nvidiaControl: [node("/dev/nvidiactl")] };
  expect(judgeGpus(RUNTIME, gpus, "void")).toMatchObject({
    verdict: "warn",
    means: 'The container was given the driver and no GPU (NVIDIA_VISIBLE_DEVICES is "void")',
  });
});

test("versions of module and libraries that agree pass; that differ, or are missing, fail", () => {
  expect(judgeDriver("docker", NVIDIA).verdict).toBe("pass");
  expect(judgeDriver("docker", NO_GPUS).verdict).toBe("skip");
  expect(judgeDriver("docker", { ...NVIDIA, libraries: [] })).toMatchObject({ verdict: "fail" });
  expect(
    judgeDriver("docker", { ...NVIDIA, libraries: [...LIBRARIES, "libnvidia-glcore.so.525.147.05"] }),
  ).toMatchObject({
    verdict: "fail",
    means: "Libraries of version 525.147.05 do not work with module 535.104.05",
  });
  expect(judgeDriver("docker", { ...NVIDIA, kernelVersion: undefined }).verdict).toBe("warn");
});

test("each part of the driver that is missing is named, with what is lost", () => {
  expect(judgeParts("docker", NVIDIA, "all")).toMatchObject({
    verdict: "pass",
    seen: 'All parts are here; NVIDIA_DRIVER_CAPABILITIES is "all"',
  });
  const without = (library: RegExp) => ({ ...NVIDIA, libraries: LIBRARIES.filter((name) => !library.test(name)) });
  expect(judgeParts("docker", without(/encode/), "compute,utility")).toMatchObject({
    verdict: "fail",
    seen: 'Missing: video; NVIDIA_DRIVER_CAPABILITIES is "compute,utility"',
    means: "Without it there is no encoding on the GPU (NVENC)",
    fix: "docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=all",
  });
  expect(judgeParts("docker", without(/GLX|EGL/), undefined).seen).toMatch(/^Missing: graphics/);
  expect(judgeParts("docker", without(/-ml/), undefined).verdict).toBe("warn");
  const headless = judgeParts("docker", { ...NVIDIA, nvidiaControl: [] }, "all");
  expect(headless.verdict).toBe("pass");
  expect(headless.details?.at(-1)).toMatch(/^display: missing, and not needed/);
});
