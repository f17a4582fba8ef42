// Files that the user pastes into a program of the desktop: they go to a stage there, a place of their own, and the program copies them from that. From
// `clipboard/clipboard-link.ts`, which says when they can be pasted; they move by `file-queue.ts`.

import type { Job } from "./job.ts";
import { pickedFiles } from "./local-files.ts";
import { uploadJobs } from "./upload-job.ts";
import { newId } from "./upload-ids.ts";

export interface PastedFiles {
  /** Name of the stage. */
  readonly stage: string;
  /** Resolves when all are there, but for those that the user gave up: false when none is left. */
  readonly arrived: Promise<boolean>;
}

export function sendPasted(files: readonly File[], send: (jobs: readonly Job[]) => void): PastedFiles {
  const stage = newId();
  let [left, come] = [files.length, 0];
  const arrived = new Promise<boolean>((resolve) => {
    const onOver = (hasCome: boolean): void => {
      left -= 1;
      if (hasCome) come += 1;
      if (left === 0) resolve(come > 0);
    };
    send(uploadJobs(pickedFiles(distinct(files)), { place: { stage }, mode: "replace", onOver }));
  });
  return { stage, arrived };
}

/** Two pictures of one clipboard may have the same name. */
function distinct(files: readonly File[]): readonly File[] {
  const counts = new Map<string, number>();
  return files.map((file) => {
    const count = (counts.get(file.name) ?? 0) + 1;
    counts.set(file.name, count);
    return count === 1 ? file : new File([file], `${count} ${file.name}`, file);
  });
}
