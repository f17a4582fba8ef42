// What the shell gets from Electron, where there is none: a clipboard in memory, a keychain that is one key in memory, a system that shows nothing. It keeps to Electron's contract as its document describes it. Used by
// test/harness/shell-page.ts.

import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { DesktopClipboard } from "../../main/clipboard.ts";
import type { Surroundings } from "../../main/parts.ts";
import type { SafeStorage } from "../../main/secrets.ts";
import { ClipboardItemDouble } from "../../main/testing/clipboard-item.ts";

export function clipboardDouble(): DesktopClipboard<ClipboardItemDouble> {
  let items: ClipboardItemDouble[] = [];
  return new DesktopClipboard<ClipboardItemDouble>(
    { read: () => Promise.resolve(items), write: (written) => Promise.resolve(void (items = written)) },
    (parts) => new ClipboardItemDouble(parts),
  );
}

/** What of the system's own there is none of here: notifications, screens, windows that can be dragged from. */
export function systemDouble(): Pick<Surroundings, "createNotification" | "powerBlocker" | "windows"> {
  return {
    createNotification: () => ({ show: () => undefined, close: () => undefined, on: () => undefined }),
    powerBlocker: { start: () => 1, stop: () => undefined },
    windows: {
      focus: () => undefined,
      holdKeys: () => undefined,
      startDrag: () => undefined,
      countFreeScreens: () => 0,
    },
  };
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** `backend`: "basic_text" is none at all. Another key than a text was encrypted with does not decrypt it. */
export class SafeStorageDouble implements SafeStorage {
  backend = "gnome_libsecret";
  isThere = true;
  /** Says once that what was decrypted is to be encrypted again. */
  rotates = false;
  #key = randomBytes(32);

  isAsyncEncryptionAvailable(): Promise<boolean> {
    return Promise.resolve(this.isThere);
  }

  getSelectedStorageBackend(): string {
    return this.backend;
  }

  changeKey(): void {
    this.#key = randomBytes(32);
  }

  encryptStringAsync(text: string): Promise<Buffer> {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.#key, iv);
    const encrypted = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    return Promise.resolve(Buffer.concat([iv, cipher.getAuthTag(), encrypted]));
  }

  decryptStringAsync(encrypted: Buffer): Promise<{ result: string; shouldReEncrypt: boolean }> {
    const [iv, tag] = [encrypted.subarray(0, IV_BYTES), encrypted.subarray(IV_BYTES, IV_BYTES + TAG_BYTES)];
    const decipher = createDecipheriv("aes-256-gcm", this.#key, iv).setAuthTag(tag);
    const result =
      decipher.update(encrypted.subarray(IV_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
    const shouldReEncrypt = this.rotates;
    this.rotates = false;
    return Promise.resolve({ result, shouldReEncrypt });
  }
}
