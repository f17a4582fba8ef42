// The keys of servers that the user trusts, and those with which it is fine to talk in clear: one file, by `host:port`. Damaged or gone, nobody is
// trusted any more, and the user is asked again. From and to `trust.ts`.

import { z } from "zod";
import type { JsonFile } from "../json-file.ts";
import type { Pin } from "./judge.ts";

const timeMs = z.number().min(0);
const endpoint = z.string().max(512);
const fileSchema = z.object({
  keys: z.record(
    endpoint,
    z.object({ fingerprint: z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/), firstSeenMs: timeMs, lastSeenMs: timeMs }),
  ),
  clear: z.record(endpoint, z.object({ sinceMs: timeMs })),
});

type Content = z.infer<typeof fileSchema>;

export class Pins {
  readonly #file: JsonFile;
  #content: Promise<Content> | undefined;

  constructor(file: JsonFile) {
    this.#file = file;
  }

  async find(at: string): Promise<Pin | undefined> {
    const { keys } = await this.#read();
    return Object.hasOwn(keys, at) ? keys[at] : undefined;
  }

  /** Seen now, and trusted. Another one in its place begins anew. */
  async keep(at: string, fingerprint: string, nowMs: number): Promise<void> {
    const content = await this.#read();
    const before = await this.find(at);
    const firstSeenMs = before?.fingerprint === fingerprint ? before.firstSeenMs : nowMs;
    await this.#write({ ...content, keys: { ...content.keys, [at]: { fingerprint, firstSeenMs, lastSeenMs: nowMs } } });
  }

  async mayBeClear(at: string): Promise<boolean> {
    return Object.hasOwn((await this.#read()).clear, at);
  }

  async allowClear(at: string, nowMs: number): Promise<void> {
    const content = await this.#read();
    await this.#write({ ...content, clear: { ...content.clear, [at]: { sinceMs: nowMs } } });
  }

  #read(): Promise<Content> {
    this.#content ??= this.#file.read().then((json) => fileSchema.safeParse(json).data ?? { keys: {}, clear: {} });
    return this.#content;
  }

  #write(content: Content): Promise<void> {
    this.#content = Promise.resolve(content);
    return this.#file.write(content);
  }
}
