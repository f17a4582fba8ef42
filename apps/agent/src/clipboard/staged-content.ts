// Files that a viewer pastes, as programs of the desktop find them (`path-list.ts`). They lie at a stage (`files/stages.ts`). While they are still on their way
// programs find nothing to paste. Made by `seat.ts`.

import { basename } from "node:path";
import type { StagedFiles } from "../files/stages.ts";
import type { Kind, OfferedContent } from "./content.ts";
import { PathList, uriListOf } from "./path-list.ts";

const LIST: readonly Kind[] = [{ mime: "text/uri-list" }];

export class StagedContent implements OfferedContent {
  readonly from = "viewer";
  readonly text = undefined;
  readonly isEmpty = false;
  readonly names: readonly string[];
  readonly kinds: readonly Kind[];
  readonly targets: readonly string[];
  readonly #files: StagedFiles | undefined;
  readonly #list: PathList;

  /** Undefined: they are on their way. */
  constructor(files: StagedFiles | undefined) {
    this.#files = files;
    this.#list = new PathList(files?.paths ?? []);
    this.names = (files?.paths ?? []).map((path) => basename(path));
    this.kinds = files === undefined ? [] : LIST;
    this.targets = files === undefined ? [] : this.#list.targets;
  }

  open(target: string): AsyncIterable<Uint8Array> {
    this.#files?.given();
    return this.#list.open(target);
  }

  sizeBytes(): number {
    return 0;
  }

  /** For other viewers, whom the place is no business of. */
  async bytes(): Promise<Buffer> {
    return uriListOf(this.names.map((name) => `/${name}`));
  }

  incoming(): undefined {
    return undefined;
  }

  refused(): void {
    // Nothing of it was asked for.
  }

  drop(): void {
    this.#files?.release();
  }

  leave(): boolean {
    this.#files?.release();
    return false;
  }
}
