// Files that the user drops over the desktop go to its folder for files; the program that was under the pointer then gets them from there, where it takes such things. From
// `client.ts`; they move by `file-queue.ts`, and the agent's `session/drops.ts` gives them on.

import type { ViewerControl } from "@eglantine/protocol/control";
import { LIMITS } from "@eglantine/protocol/limits";
import type { Job } from "./job.ts";
import type { LocalFiles } from "./local-files.ts";
import { uploadJobs } from "./upload-job.ts";

type DropMessage = Extract<ViewerControl, { type: "dropAim" | "dropFiles" }>;

export interface DropParts {
  readonly send: (jobs: readonly Job[]) => void;
  readonly tell: (message: DropMessage) => void;
  /** Another one: another session. */
  readonly session: () => unknown;
}

export class DroppedFiles {
  readonly #parts: DropParts;
  #drop = 0;

  constructor(parts: DropParts) {
    this.#parts = parts;
  }

  /** At this pixel of the desktop. */
  take(files: LocalFiles, at: { readonly x: number; readonly y: number }): void {
    const { send, tell, session } = this.#parts;
    const begun = session();
    this.#drop += 1;
    const drop = this.#drop;
    tell({ type: "dropAim", drop, xPx: Math.round(at.x), yPx: Math.round(at.y) });
    /** What was dropped itself, by its name: a folder comes once. */
    const come = new Map<string, { id?: string; names: string[] }>();
    let left = files.files.length + files.folders.length;
    const onOver = (arrived: boolean, names: readonly string[], id: string): void => {
      left -= 1;
      const [top = ""] = names;
      if (arrived) come.set(top, names.length === 1 ? { id, names: [top] } : { names: [top] });
      // An agent of another session has aimed at nothing.
      if (left === 0 && come.size > 0 && come.size <= LIMITS.droppedFiles && session() === begun)
        tell({ type: "dropFiles", drop, files: [...come.values()] });
    };
    send(uploadJobs(files, { onOver }));
  }
}
