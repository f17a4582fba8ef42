// Which container runtime this is, by what each of them leaves in a container, and how one says the same thing to each of them. Pure but for
// `lookAtRuntime`, and for the two that read for every check. Asked through `place.ts` by all checks that name a flag.

import { existsSync, readdirSync, readFileSync, statfsSync } from "node:fs";
import type { Surroundings } from "../config/surroundings.ts";
import { codeOf } from "../errors.ts";

export type RuntimeName = "docker" | "podman" | "kubernetes" | "apptainer" | "other" | "none";

export interface Runtime {
  readonly name: RuntimeName;
  readonly readOnlyRoot: boolean;
  /** Microsoft's kernel for Linux on Windows. */
  readonly wsl: boolean;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

/** What tells the runtimes apart. */
export interface RuntimeTraces {
  /** Of the environment; `container` is what systemd, Podman and others set. */
  readonly kubernetesHost: boolean;
  readonly apptainer: boolean;
  readonly container: string | undefined;
  /** /run/.containerenv, /.dockerenv, /.singularity.d */
  readonly podmanFile: boolean;
  readonly dockerFile: boolean;
  readonly apptainerFolder: boolean;
  /** /proc/self/mountinfo */
  readonly mountinfo: string;
}

export const RUNTIME_NAMES: Record<RuntimeName, string> = {
  docker: "Docker",
  podman: "Podman",
  kubernetes: "Kubernetes",
  apptainer: "Apptainer",
  other: "a container of an unknown runtime",
  none: "no container",
};

/** The special ones first: Kubernetes' containers may be Docker's, and Apptainer's may have been made of them. */
export function runtimeOf(traces: RuntimeTraces): RuntimeName {
  if (traces.apptainer || traces.container === "apptainer" || traces.container === "singularity") return "apptainer";
  if (traces.kubernetesHost) return "kubernetes";
  if (traces.podmanFile || traces.container === "podman") return "podman";
  if (traces.dockerFile) return "docker";
  if (traces.apptainerFolder) return "apptainer";
  if (traces.container !== undefined && traces.container !== "") return "other";
  return rootIsOverlay(traces.mountinfo) ? "other" : "none";
}

/** containerd and CRI-O without any of the marks above. */
function rootIsOverlay(mountinfo: string): boolean {
  const root = mountinfo.split("\n").find((line) => line.split(" ")[4] === "/");
  return root?.includes(" - overlay ") === true;
}

export function lookAtRuntime({ kubernetesHost, apptainer, container }: Surroundings): Runtime {
  const traces: RuntimeTraces = {
    kubernetesHost,
    apptainer,
    container,
    podmanFile: existsSync("/run/.containerenv"),
    dockerFile: existsSync("/.dockerenv"),
    apptainerFolder: existsSync("/.singularity.d"),
    mountinfo: readText("/proc/self/mountinfo"),
  };
  return {
    name: runtimeOf(traces),
    readOnlyRoot: mountIsReadOnly(traces.mountinfo, "/"),
    wsl: /microsoft/i.test(readText("/proc/version")),
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    groups: process.getgroups?.() ?? [],
  };
}

/** Whether the topmost mount at this very path is read-only, by its own options or its file system's. */
export function mountIsReadOnly(mountinfo: string, path: string): boolean {
  const line = mountinfo.split("\n").findLast((one) => one.split(" ")[4] === path);
  if (line === undefined) return false;
  const [before = "", after = ""] = line.split(" - ");
  const own = before.split(" ")[5] ?? "";
  const superOptions = after.split(" ")[2] ?? "";
  return own.split(",").includes("ro") || superOptions.split(",").includes("ro");
}

/** Of what is mounted at this very path; undefined: nothing is. */
export function fileSystemAt(mountinfo: string, path: string): string | undefined {
  const line = mountinfo.split("\n").findLast((one) => one.split(" ")[4] === path);
  return line?.split(" - ")[1]?.split(" ")[0];
}

/** Of a folder; none where it is not there, or not to be read. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return [];
  }
}

/** "" when there is none. */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return "";
  }
}

/** Bytes; undefined: nothing is there. */
export function spaceAt(path: string): { readonly totalBytes: number; readonly freeBytes: number } | undefined {
  try {
    const { blocks, bavail, bsize } = statfsSync(path);
    return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}

/** How the same is asked for where; `plain`: outside a container. */
export interface Ways {
  /** Arguments of `docker run`, which are Podman's too where that has none of its own. */
  readonly docker: string;
  readonly podman?: string;
  readonly kubernetes: string;
  readonly apptainer: string;
  readonly plain: string;
}

export function wayFor(runtime: RuntimeName, ways: Ways): string {
  switch (runtime) {
    case "docker":
      return `docker run ${ways.docker}`;
    case "podman":
      return `podman run ${ways.podman ?? ways.docker}`;
    case "other":
      return `as docker run ${ways.docker}`;
    case "kubernetes":
      return ways.kubernetes;
    case "apptainer":
      return ways.apptainer;
    case "none":
      return ways.plain;
  }
}
