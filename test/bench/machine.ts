// The machine that the figures are from, and whether it was quiet: a loaded one doubles every figure. To bench.ts and
// report.ts.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { pause } from "../latency/key-to-photon.ts";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly system: string;
  readonly kernel: string;
  readonly node: string;
  readonly chromium: string;
  /** Debian packages: TigerVNC, noVNC, websockify. */
  readonly packages: Readonly<Record<string, string>>;
}

export interface Load {
  readonly busyPercent: number;
  /** Taken by other guests of the host. */
  readonly stealPercent: number;
  readonly loadAverage: number;
}

const PACKAGES = ["tigervnc-standalone-server", "novnc", "websockify", "libx264-164"];

export function describeMachine(chromium: string): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "unknown",
    kernel: release(),
    node: process.version,
    chromium,
    packages: Object.fromEntries(PACKAGES.map((name) => [name, packageVersion(name)])),
  };
}

function packageVersion(name: string): string {
  try {
    // biome-ignore format: one command
    return execFileSync("dpkg-query", ["-W", "-f", "${Version}", name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "unknown" : "not installed";
  }
}

export interface CpuTimes {
  readonly total: number;
  readonly idle: number;
  readonly steal: number;
}

/** Of all cores since boot, in ticks. */
export function cpuTimes(): CpuTimes {
  const fields = readFileSync("/proc/stat", "utf8").split("\n")[0]?.trim().split(/\s+/).slice(1, 9).map(Number) ?? [];
  return {
    total: fields.reduce((sum, value) => sum + value, 0),
    idle: (fields[3] ?? 0) + (fields[4] ?? 0),
    steal: fields[7] ?? 0,
  };
}

export function loadBetween(before: CpuTimes, after: CpuTimes): Load {
  const total = Math.max(1, after.total - before.total);
  const steal = after.steal - before.steal;
  return {
    busyPercent: ((total - (after.idle - before.idle) - steal) / total) * 100,
    stealPercent: (steal / total) * 100,
    loadAverage: loadavg()[0] ?? 0,
  };
}

/** What else runs here, over `seconds` in which we do nothing. */
export async function measureLoad(seconds: number): Promise<Load> {
  const before = cpuTimes();
  await pause(seconds * 1000);
  return loadBetween(before, cpuTimes());
}

export function isQuiet(load: Load): boolean {
  return load.busyPercent < 5 && load.stealPercent < 1;
}
