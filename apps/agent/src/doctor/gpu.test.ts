import { expect, test } from "vitest";
import { kernelVersionOf, libraryVersionsOf } from "./gpu.ts";

test("the version of NVIDIA's module is read, of the closed one and the open one", () => {
  expect(
    kernelVersionOf(
      "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 01:15:15 UTC 2023\nGCC version:  gcc version 12.2.0\n",
    ),
  ).toBe("535.104.05");
  expect(
    kernelVersionOf(
      "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.14  Release Build  (root@host)  Thu Feb 22 01:39:35 UTC 2024\n",
    ),
  ).toBe("550.54.14");
  expect(kernelVersionOf("")).toBeUndefined();
});

test("the libraries' versions are those behind .so, and no interface's number", () => {
  expect(
    libraryVersionsOf([
      "libcuda.so",
      "libcuda.so.1",
      "libcuda.so.535.104.05",
      "libnvidia-ml.so.1",
      "libnvidia-glcore.so.535.104.05",
      "libEGL_nvidia.so.0",
      "libEGL_nvidia.so.525.147.05",
      "libnvidia-egl-gbm.so.1.1.0",
      "libnvidia-container.so.1.14.3",
    ]),
  ).toEqual(["525.147.05", "535.104.05"]);
  expect(libraryVersionsOf([])).toEqual([]);
});
