// Where each window was the last time: kept in one JSON file, by what the window shows. Asked and told by `window-desk.ts`; what comes of it is
// worked out by `place.ts`.

import { z } from "zod";
import type { JsonFile } from "../json-file.ts";
import type { Place } from "./place.ts";

/** Of desktops that are never opened again. */
const KEPT = 64;
const FAR = 1_000_000;

const length = z.int().min(1).max(FAR);
const at = z.int().min(-FAR).max(FAR);
const rect = z.object({ x: at, y: at, width: length, height: length });
const entry = z.object({
  key: z.string().min(1).max(4096),
  place: z.object({
    bounds: rect,
    maximized: z.boolean(),
    display: z.object({ id: z.number(), bounds: rect }),
  }),
});

export class Places {
  readonly #file: Pick<JsonFile, "read" | "write">;
  /** The newest last. */
  readonly #places = new Map<string, Place>();

  private constructor(file: Pick<JsonFile, "read" | "write">) {
    this.#file = file;
  }

  /** What is damaged is forgotten. */
  static async read(file: Pick<JsonFile, "read" | "write">): Promise<Places> {
    const places = new Places(file);
    const stored = await file.read();
    for (const one of Array.isArray(stored) ? (stored as readonly unknown[]) : []) {
      const read = entry.safeParse(one);
      if (read.success) places.#places.set(read.data.key, read.data.place);
    }
    return places;
  }

  of(key: string): Place | undefined {
    return this.#places.get(key);
  }

  /** Resolves when it is kept. */
  async keep(key: string, place: Place): Promise<void> {
    this.#places.delete(key);
    this.#places.set(key, place);
    for (const old of [...this.#places.keys()].slice(0, -KEPT)) this.#places.delete(old);
    await this.#file.write([...this.#places].map(([name, kept]) => ({ key: name, place: kept })));
  }
}
