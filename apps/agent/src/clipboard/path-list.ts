// Files of the desktop as its programs give them to one another: a list of addresses, GNOME's own list, and paths as text for everybody else. Used by
// `staged-content.ts`, for the clipboard.

import { pathToFileURL } from "node:url";
import { mimeOf, targetsOf, writerOf } from "./targets.ts";
import type { SelectionContent } from "./types.ts";

export class PathList implements SelectionContent {
  readonly targets = targetsOf(["text/uri-list", "text/plain"]);
  readonly #paths: readonly string[];

  constructor(paths: readonly string[]) {
    this.#paths = paths;
  }

  async *open(target: string): AsyncIterable<Uint8Array> {
    if (!this.targets.includes(target)) throw new Error("The clipboard does not hold this.");
    const bytes = mimeOf(target) === "text/uri-list" ? uriListOf(this.#paths) : Buffer.from(this.#paths.join("\n"));
    yield writerOf(target)?.(bytes) ?? bytes;
  }

  sizeBytes(): number {
    return 0;
  }
}

/** RFC 2483, section 5. */
export const uriListOf = (paths: readonly string[]): Buffer =>
  Buffer.from(paths.map((path) => `${pathToFileURL(path).href}\r\n`).join(""));
