// In the application: files of the desktop dragged out of the window, into any program of this computer. A drag carries real files, so that they are fetched first, into a
// temporary folder: what is there while the button is still held goes with this very drag, the rest with the next one, which the user is told. Built by `transfers.ts`; begun by
// `ui/drag-out.ts`; next: `desktop-folder.ts`, `shell-saver.ts`, in the shell `main/copied-files.ts`.

import type { FolderEntry } from "@eglantine/protocol/transfer";
import type { Bridge } from "../../shared/bridge.ts";
import type { Sentence } from "../messages/said.ts";
import type { DesktopFolder } from "./desktop-folder.ts";
import { shellSaver } from "./shell-saver.ts";
import { TransferFailure } from "./transfer.ts";
import { newId } from "./upload-ids.ts";

export type DragBridge = Pick<Bridge, "storeFile" | "dragFiles" | "dropFiles">;

export type DragOutcome =
  | { readonly kind: "dragged" }
  /** It is here, too late for the drag that it was fetched for. */
  | { readonly kind: "ready" }
  /** It is still on its way, or was given up by the user, or is a folder without a file. */
  | { readonly kind: "nothing" }
  | { readonly kind: "failed"; readonly why: Sentence };

/** Who takes a file that was dropped there may copy it for a while. */
const KEPT = 8;

interface Fetched {
  readonly set: string;
  isHere: boolean;
}

export class DragOut {
  readonly #bridge: DragBridge;
  /** By what it is of, so that a file that has changed since is fetched anew. The oldest first. */
  readonly #fetched = new Map<string, Fetched>();

  constructor(bridge: DragBridge) {
    this.#bridge = bridge;
  }

  /** The user drags this entry of the folder that is shown, and holds the button until `held` aborts. */
  async begin(source: DesktopFolder, entry: FolderEntry, held: AbortSignal): Promise<DragOutcome> {
    const key = JSON.stringify([source.state.get().names, entry.name, entry.sizeBytes, entry.modifiedMs]);
    const known = this.#fetched.get(key);
    if (known !== undefined) return known.isHere ? this.#drag(known.set) : { kind: "nothing" };
    const fetched: Fetched = { set: newId(), isHere: false };
    this.#fetched.set(key, fetched);
    try {
      fetched.isHere = await this.#fetch(source, entry, fetched.set);
    } catch (error) {
      await this.#forget(key, fetched.set);
      if (!(error instanceof TransferFailure)) throw error;
      return { kind: "failed", why: error.sentence };
    }
    if (!fetched.isHere) {
      await this.#forget(key, fetched.set);
      return { kind: "nothing" };
    }
    await this.#forgetOld();
    return held.aborted ? { kind: "ready" } : this.#drag(fetched.set);
  }

  async #drag(set: string): Promise<DragOutcome> {
    await this.#bridge.dragFiles(set);
    return { kind: "dragged" };
  }

  /** False: some of it was given up, or there is no file in it. Rejects with TransferFailure. */
  async #fetch(source: DesktopFolder, entry: FolderEntry, set: string): Promise<boolean> {
    let [left, all, isListed, isWhole] = [0, 0, false, true];
    let resolve: (whole: boolean) => void = () => undefined;
    const settled = new Promise<boolean>((settling) => (resolve = settling));
    const settle = (): void => {
      if (isListed && left === 0) resolve(isWhole && all > 0);
    };
    await source.collect([entry], {
      openSaver: async (names) => shellSaver(this.#bridge, set, names),
      count: (files) => {
        left += files;
        all += files;
      },
      onOver: (arrived) => {
        left -= 1;
        isWhole &&= arrived;
        settle();
      },
    });
    isListed = true;
    settle();
    return settled;
  }

  async #forget(key: string, set: string): Promise<void> {
    this.#fetched.delete(key);
    await this.#bridge.dropFiles(set);
  }

  async #forgetOld(): Promise<void> {
    const here = [...this.#fetched].filter(([, { isHere }]) => isHere);
    for (const [key, { set }] of here.slice(0, -KEPT)) await this.#forget(key, set);
  }
}
