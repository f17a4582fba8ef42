// What a container uses, from what the engine counts and what nvidia-smi prints in it. PURE. Used by `own-containers.ts`.

import type { ContainerStats } from "../../shared/launcher.ts";

interface CpuCount {
  readonly cpu_usage?: { readonly total_usage?: number; readonly percpu_usage?: readonly number[] | null };
  readonly system_cpu_usage?: number;
  readonly online_cpus?: number;
}

/** Of GET /containers/ID/stats: counters of now, and of a moment before. */
export interface EngineStats {
  readonly cpu_stats?: CpuCount;
  readonly precpu_stats?: CpuCount;
  readonly memory_stats?: {
    readonly usage?: number;
    readonly limit?: number;
    readonly stats?: { readonly inactive_file?: number; readonly total_inactive_file?: number };
  };
}

/** The processors' share, and memory less what the kernel only keeps for files: as `docker stats` has them. */
export function readStats({ cpu_stats: now, precpu_stats: before, memory_stats: memory }: EngineStats): ContainerStats {
  const used = (now?.cpu_usage?.total_usage ?? 0) - (before?.cpu_usage?.total_usage ?? 0);
  const passed = (now?.system_cpu_usage ?? 0) - (before?.system_cpu_usage ?? 0);
  const cpus = now?.online_cpus ?? now?.cpu_usage?.percpu_usage?.length ?? 1;
  const files = memory?.stats?.inactive_file ?? memory?.stats?.total_inactive_file ?? 0;
  return {
    cpuPercent: used > 0 && passed > 0 ? (used / passed) * cpus * 100 : 0,
    memoryBytes: Math.max(0, (memory?.usage ?? 0) - files),
    memoryLimitBytes: memory?.limit ?? 0,
  };
}

export const GPU_QUERY = [
  "nvidia-smi",
  "--query-gpu=utilization.gpu,memory.used,memory.total",
  "--format=csv,noheader,nounits",
] as const;

/** Of all GPUs together: the mean load, the sums of memory. Undefined for what is not that table. */
export function readGpuTable(text: string): ContainerStats["gpu"] {
  const rows = text
    .trim()
    .split("\n")
    .map((line) => line.split(",").map((cell) => Number(cell.trim())));
  if (rows.some((row) => row.length !== 3 || row.some((cell) => !Number.isFinite(cell)))) return undefined;
  const sum = (column: number) => rows.reduce((all, row) => all + (row[column] ?? 0), 0);
  const MIB = 1024 * 1024;
  return { percent: sum(0) / rows.length, memoryBytes: sum(1) * MIB, memoryTotalBytes: sum(2) * MIB };
}
