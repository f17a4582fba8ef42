// In the application: files that were copied on the desktop become files of this computer's clipboard. They are fetched first, into a temporary folder, since neither
// system nor Electron asks for them when they are pasted: small ones at once, others when the user says so. Built by `transfers.ts`; next: `desktop-folder.ts`,
// `shell-saver.ts`.

import { said, type Sentence } from "../messages/said.ts";
import type { Bridge } from "../../shared/bridge.ts";
import type { DesktopFolder } from "./desktop-folder.ts";
import { shellSaver } from "./shell-saver.ts";
import { TransferFailure } from "./transfer.ts";
import { newId } from "./upload-ids.ts";

export interface CopiedHereParts {
  readonly bridge: Pick<Bridge, "storeFile" | "copyFiles" | "dropFiles">;
  readonly source: DesktopFolder;
  readonly notify: (level: "info" | "warning", text: Sentence) => void;
  /** All together, of those that are fetched without being asked for, bytes. */
  readonly atOnceBytes: () => number;
}

export class CopiedHere {
  readonly #parts: CopiedHereParts;
  /** Of what is wanted now. */
  #set: string | undefined;

  constructor(parts: CopiedHereParts) {
    this.#parts = parts;
  }

  /** Something else was copied on the desktop. */
  offered(): void {
    void this.#fetch((bytes) => bytes <= this.#parts.atOnceBytes());
  }

  /** By the user's wish. */
  fetch(): Promise<void> {
    return this.#fetch(() => true);
  }

  /** `mayFetch`: so many bytes, infinitely many where there are folders. */
  async #fetch(mayFetch: (bytes: number) => boolean): Promise<void> {
    const { bridge, source, notify } = this.#parts;
    const set = newId();
    this.#set = set;
    try {
      const { entries } = await source.list();
      const bytes = entries.reduce((sum, { kind, sizeBytes }) => sum + (kind === "folder" ? Infinity : sizeBytes), 0);
      if (entries.length === 0 || this.#set !== set || !mayFetch(bytes)) return;
      let [left, come, all] = [0, 0, false];
      const end = async (): Promise<void> => {
        if (left > 0 || !all) return;
        if (come === 0 || this.#set !== set) await bridge.dropFiles(set);
        else notify("info", wordsOf(await bridge.copyFiles(set), entries.length));
      };
      const onOver = (arrived: boolean): void => {
        left -= 1;
        if (arrived) come += 1;
        void end();
      };
      const count = (jobs: number): void => void (left += jobs);
      await source.collect(entries, { openSaver: async (names) => shellSaver(bridge, set, names), onOver, count });
      all = true;
      await end();
    } catch (error) {
      if (!(error instanceof TransferFailure)) throw error;
      notify("warning", said("notices", "copied-not-had", { why: error.sentence }));
    }
  }
}

function wordsOf(to: unknown, count: number): Sentence {
  return said("notices", to === "folder" ? "copied-folder" : "copied-clipboard", { count });
}
