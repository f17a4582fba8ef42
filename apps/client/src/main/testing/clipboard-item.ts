// What Electron's clipboard holds, as its document describes `ClipboardItem`: for `clipboard.test.ts` and the shell without Electron
// (`renderer/testing/electron-double.ts`).

export class ClipboardItemDouble {
  readonly types: string[];
  readonly #parts: Readonly<Record<string, Blob>>;

  constructor(parts: Readonly<Record<string, Blob>>) {
    this.#parts = parts;
    this.types = Object.keys(parts);
  }

  getType(type: string): Promise<Blob> {
    const part = this.#parts[type];
    return part === undefined ? Promise.reject(new Error("not there")) : Promise.resolve(part);
  }
}
