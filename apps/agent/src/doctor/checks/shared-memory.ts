// Check: /dev/shm, where browsers keep the pictures of their tabs: 64 MB, which is Docker's own size, make Chromium's tabs crash.

import { readText, type RuntimeName, mountIsReadOnly, spaceAt, wayFor } from "../runtime.ts";
import type { Check, Finding } from "../types.ts";

export const sharedMemory: Check = {
  name: "shared-memory",
  group: "machine",
  title: "Shared memory",
  doc: "/dev/shm against what browsers and two pictures of the screen need.",
  limitMs: 2000,
  run: async ({ config, runtime }) =>
    judgeSharedMemory({
      totalBytes: spaceAt("/dev/shm")?.totalBytes,
      readOnly: mountIsReadOnly(readText("/proc/self/mountinfo"), "/dev/shm"),
      screenBytes: config.widthPx * config.heightPx * 4,
      runtime: runtime.name,
    }),
};

/** For Chromium: its own remedy for less is --disable-dev-shm-usage. */
const BROWSER_BYTES = 512 * 2 ** 20;
/** Chromium's tabs crash on pages of ordinary size below it. */
const LEAST_BYTES = 128 * 2 ** 20;
const PICTURES = 2;

export interface SharedMemoryLook {
  /** undefined: there is no /dev/shm. */
  readonly totalBytes: number | undefined;
  readonly readOnly: boolean;
  readonly screenBytes: number;
  readonly runtime: RuntimeName;
}

export function judgeSharedMemory({ totalBytes, readOnly, screenBytes, runtime }: SharedMemoryLook): Finding {
  const needed = BROWSER_BYTES + PICTURES * screenBytes;
  const fix = wayFor(runtime, {
    docker: "--shm-size=1g",
    kubernetes: "volumes: [{ name: shm, emptyDir: { medium: Memory, sizeLimit: 1Gi } }], mounted at /dev/shm",
    apptainer: "a larger /dev/shm on the host: Apptainer shows the host's",
    plain: "mount -o remount,size=1G /dev/shm",
  });
  if (totalBytes === undefined || readOnly) {
    const seen = totalBytes === undefined ? "There is no /dev/shm" : "/dev/shm is read-only";
    return {
      verdict: "fail",
      seen,
      means: "Browsers do not start, and pictures can't be shared with the X server",
      fix,
    };
  }
  const figures = { totalBytes, neededBytes: needed };
  const seen = `/dev/shm holds ${mebibytes(totalBytes)} MiB`;
  if (totalBytes >= needed) {
    return { verdict: "pass", seen, means: "Enough for the screen and a browser with many tabs", figures };
  }
  const verdict = totalBytes < LEAST_BYTES + PICTURES * screenBytes ? "fail" : "warn";
  return {
    verdict,
    seen: `${seen}; ${mebibytes(needed)} MiB are needed`,
    means:
      verdict === "fail" ? "Tabs of Chromium crash on ordinary pages" : "Browsers with many or large tabs may crash",
    fix,
    figures,
  };
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
