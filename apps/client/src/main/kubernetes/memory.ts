// What this application remembers of Kubernetes between two starts, in one file: its own mark, by which it knows the objects that it has
// made, and the sign-in plug-ins that the user has confirmed. No secret is in it. Used by `sign-in.ts` and `kubernetes.ts`.

import { randomUUID } from "node:crypto";
import { z } from "zod";
import { JsonFile } from "../json-file.ts";

const CONTENT = z.object({
  mark: z.uuid(),
  confirmed: z.array(z.string().regex(/^[0-9a-f]{64}$/)).catch([]),
});
type Content = z.infer<typeof CONTENT>;

export class KubernetesMemory {
  readonly #file: JsonFile;
  #content: Promise<Content> | undefined;

  constructor(path: string) {
    this.#file = new JsonFile(path);
  }

  /** Of this installation. Made at the first use, and kept: with another one its desktops would be strangers. */
  async mark(): Promise<string> {
    return (await this.#read()).mark;
  }

  async isConfirmed(fingerprint: string): Promise<boolean> {
    return (await this.#read()).confirmed.includes(fingerprint);
  }

  async confirm(fingerprint: string): Promise<void> {
    const { mark, confirmed } = await this.#read();
    if (confirmed.includes(fingerprint)) return;
    const content = { mark, confirmed: [...confirmed, fingerprint] };
    this.#content = Promise.resolve(content);
    await this.#file.write(content);
  }

  #read(): Promise<Content> {
    this.#content ??= this.#load();
    return this.#content;
  }

  async #load(): Promise<Content> {
    const read = CONTENT.safeParse(await this.#file.read());
    if (read.success) return read.data;
    const content = { mark: randomUUID(), confirmed: [] };
    await this.#file.write(content);
    return content;
  }
}
