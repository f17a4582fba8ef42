// The passwords of desktops: encrypted by the system's keychain in a file, or, where there is no keychain, in memory until the application ends. Never in
// clear in a file. Electron's `safeStorage` is handed in by `main.ts`; asked by `desktops/answers.ts` and `desktops/openings.ts`.

import { z } from "zod";
import type { PasswordPlace } from "../shared/desktops.ts";
import { JsonFile } from "./json-file.ts";

/** The part of Electron's `safeStorage` that is used. */
export interface SafeStorage {
  isAsyncEncryptionAvailable(): Promise<boolean>;
  /** Linux: which keychain it is. */
  getSelectedStorageBackend(): string;
  encryptStringAsync(text: string): Promise<Buffer>;
  decryptStringAsync(encrypted: Buffer): Promise<{ readonly result: string; readonly shouldReEncrypt: boolean }>;
}

export interface SecretsOptions {
  readonly path: string;
  readonly safeStorage: SafeStorage;
  readonly platform: NodeJS.Platform;
}

const stored = z.object({ secrets: z.record(z.string(), z.base64()) });

export class Secrets {
  readonly #options: SecretsOptions;
  readonly #file: JsonFile;
  readonly #inMemory = new Map<string, string>();
  /** One change after the other. */
  #changing: Promise<unknown> = Promise.resolve();

  constructor(options: SecretsOptions) {
    this.#options = options;
    this.#file = new JsonFile(options.path);
  }

  /** Where a password would be kept now. */
  async place(): Promise<PasswordPlace> {
    const { safeStorage, platform } = this.#options;
    if (!(await safeStorage.isAsyncEncryptionAvailable())) return "memory";
    // That is Chromium's word for a password that stands in its own source.
    const inClear = platform === "linux" && safeStorage.getSelectedStorageBackend() === "basic_text";
    return inClear ? "memory" : "keychain";
  }

  async keep(id: string, password: string): Promise<PasswordPlace> {
    const place = await this.place();
    if (place === "memory") {
      this.#inMemory.set(id, password);
      await this.#change((secrets) => secrets.delete(id));
      return place;
    }
    const encrypted = await this.#options.safeStorage.encryptStringAsync(password);
    this.#inMemory.delete(id);
    await this.#change((secrets) => Boolean(secrets.set(id, encrypted.toString("base64"))));
    return place;
  }

  /** Undefined: it is to be asked for. What the keychain can't read any more is forgotten. */
  async read(id: string): Promise<string | undefined> {
    const held = this.#inMemory.get(id);
    if (held !== undefined) return held;
    const encrypted = (await this.#read()).get(id);
    if (encrypted === undefined || (await this.place()) === "memory") return undefined;
    try {
      const { result, shouldReEncrypt } = await this.#options.safeStorage.decryptStringAsync(
        Buffer.from(encrypted, "base64"),
      );
      if (shouldReEncrypt) await this.keep(id, result);
      return result;
    } catch (error) {
      console.warn("the keychain could not read a password", error);
      await this.forget(id);
      return undefined;
    }
  }

  async where(id: string): Promise<PasswordPlace | undefined> {
    if (this.#inMemory.has(id)) return "memory";
    return (await this.#read()).has(id) ? "keychain" : undefined;
  }

  async forget(id: string): Promise<void> {
    this.#inMemory.delete(id);
    await this.#change((secrets) => secrets.delete(id));
  }

  /** Forgets those of all others. */
  async keepOnly(ids: ReadonlySet<string>): Promise<void> {
    for (const id of this.#inMemory.keys()) if (!ids.has(id)) this.#inMemory.delete(id);
    await this.#change((secrets) => {
      const unwanted = [...secrets.keys()].filter((id) => !ids.has(id));
      for (const id of unwanted) secrets.delete(id);
      return unwanted.length > 0;
    });
  }

  /** `change` says whether it changed anything. */
  #change(change: (secrets: Map<string, string>) => boolean): Promise<void> {
    const after = this.#changing.then(() => this.#apply(change));
    // A failed one is its caller's.
    this.#changing = after.catch(() => undefined);
    return after;
  }

  async #apply(change: (secrets: Map<string, string>) => boolean): Promise<void> {
    const secrets = await this.#read();
    if (change(secrets)) await this.#file.write({ secrets: Object.fromEntries(secrets) });
  }

  async #read(): Promise<Map<string, string>> {
    const read = stored.safeParse(await this.#file.read());
    return new Map(read.success ? Object.entries(read.data.secrets) : []);
  }
}
