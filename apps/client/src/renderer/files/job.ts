// One file on its way, in either direction, as the queue (`file-queue.ts`) sees it. Implemented by `upload-job.ts` and `download-job.ts`.

import type { ConflictMode } from "@eglantine/protocol/transfer";
import type { TransferTarget } from "./transfer.ts";

export interface MoveOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (bytes: number) => void;
}

export interface Job {
  /** `up`: to the desktop. */
  readonly way: "up" | "down";
  /** Folders, then its own name. */
  readonly names: readonly string[];
  readonly sizeBytes: number;
  /** Goes on where it was, to the end. Rejects with TransferFailure, or with DOMException for what this computer refuses. */
  move(target: TransferTarget, options: MoveOptions): Promise<void>;
  /** What becomes of a name that is taken on the desktop. False: it was said already. */
  settle(mode: ConflictMode): boolean;
  /** What has come is of no use: from the beginning. */
  anew(): Promise<void>;
  /** What has come is forgotten on both sides. */
  giveUp(target: TransferTarget | undefined): Promise<void>;
}
