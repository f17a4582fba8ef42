// Machines for the checks' tests: one without a GPU, and one with NVIDIA's.

import type { Gpus } from "../gpu.ts";

export const NO_GPUS: Gpus = {
  nvidia: [],
  nvidiaControl: [],
  dri: [],
  dxg: [],
  host: [],
  kernelVersion: undefined,
  libraries: [],
};
export const NVIDIA_GPU: Gpus = { ...NO_GPUS, nvidia: [{ path: "/dev/nvidia0", gid: 0, refused: undefined }] };
