// Which GPUs this place has: device nodes and whether they open, what the host has beside them, versions and parts of NVIDIA's driver.
// `lookAtGpus` looks once for all checks (`place.ts`); the rest is pure.

import { closeSync, constants, openSync, statSync } from "node:fs";
import { join } from "node:path";
import { codeOf } from "../errors.ts";
import { namesIn, readText } from "./runtime.ts";

export interface DeviceNode {
  readonly path: string;
  readonly gid: number;
  /** The system's code (EACCES, …); undefined: it opens. */
  readonly refused: string | undefined;
}

export type GpuVendor = "nvidia" | "amd" | "intel";

export interface Gpus {
  /** /dev/nvidia0, … */
  readonly nvidia: readonly DeviceNode[];
  /** /dev/nvidiactl, -uvm, -modeset. */
  readonly nvidiaControl: readonly DeviceNode[];
  /** /dev/dri/card0, renderD128, … */
  readonly dri: readonly DeviceNode[];
  /** /dev/dxg, WSL's. */
  readonly dxg: readonly DeviceNode[];
  /** On the PCI bus, which a container sees whether or not it was given them. */
  readonly host: readonly GpuVendor[];
  /** Of NVIDIA's kernel module. */
  readonly kernelVersion: string | undefined;
  /** Files of NVIDIA's driver and of WSL's, without their folders. */
  readonly libraries: readonly string[];
}

/** PCI-SIG's numbers. */
const VENDORS: Readonly<Record<string, GpuVendor>> = { "0x10de": "nvidia", "0x1002": "amd", "0x8086": "intel" };
const DISPLAY_CLASS = /^0x03/;
const NVIDIA_LIBRARY = /^lib(nvidia-|cuda\.so|nvcuvid\.so|(GLX|EGL|GLESv2)_nvidia\.so|d3d12|dxcore)/;
/** Where drivers' libraries are put: Debian's folders, those of images for GKE, WSL's, Apptainer's. */
const LIBRARY_FOLDERS = [
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/usr/lib64",
  "/usr/lib",
  "/usr/local/nvidia/lib64",
  "/usr/lib/wsl/lib",
  "/.singularity.d/libs",
];

export function lookAtGpus(libraryPath: readonly string[]): Gpus {
  const dev = namesIn("/dev");
  const nodes = (pattern: RegExp) => dev.filter((name) => pattern.test(name)).map((name) => nodeAt(`/dev/${name}`));
  return {
    nvidia: nodes(/^nvidia\d+$/),
    nvidiaControl: nodes(/^nvidia(ctl|-uvm|-modeset)$/),
    dri: namesIn("/dev/dri")
      .filter((name) => /^(card|renderD)\d+$/.test(name))
      .map((name) => nodeAt(`/dev/dri/${name}`)),
    dxg: nodes(/^dxg$/),
    host: hostGpus(),
    kernelVersion: kernelVersionOf(readText("/proc/driver/nvidia/version")),
    libraries: [...new Set([...libraryPath, ...LIBRARY_FOLDERS].flatMap(namesIn))].filter((name) =>
      NVIDIA_LIBRARY.test(name),
    ),
  };
}

/** A GPU of this place that can be opened; undefined: there is none. */
export function usableGpu({ nvidia, dri, dxg }: Gpus): DeviceNode | undefined {
  return [...nvidia, ...dri.filter(({ path }) => path.includes("render")), ...dxg].find(
    ({ refused }) => refused === undefined,
  );
}

/** NVIDIA's kernel module tells its version in a sentence, and the open one in another. */
export function kernelVersionOf(text: string): string | undefined {
  return /^NVRM version:.*Kernel Module(?: for \S+)?\s+(\d+(?:\.\d+)+)\s/m.exec(text)?.[1];
}

/** The driver's own libraries carry its version behind `.so`: which there are. */
export function libraryVersionsOf(libraries: readonly string[]): readonly string[] {
  const versions = libraries.map(
    (name) => /^lib(?:nvidia-|cuda|(?:GLX|EGL)_nvidia).*\.so\.(\d{3,}\.\d+(?:\.\d+)?)$/.exec(name)?.[1],
  );
  return [...new Set(versions.filter((version) => version !== undefined))].sort();
}

function hostGpus(): readonly GpuVendor[] {
  const bus = "/sys/bus/pci/devices";
  const found = namesIn(bus)
    .filter((name) => DISPLAY_CLASS.test(readText(join(bus, name, "class"))))
    .map((name) => VENDORS[readText(join(bus, name, "vendor")).trim()]);
  return [...new Set(found.filter((vendor) => vendor !== undefined))];
}

function nodeAt(path: string): DeviceNode {
  const gid = statSync(path, { throwIfNoEntry: false })?.gid ?? 0;
  try {
    closeSync(openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
    return { path, gid, refused: undefined };
  } catch (error) {
    const refused = codeOf(error);
    if (refused === undefined) throw error;
    return { path, gid, refused };
  }
}
