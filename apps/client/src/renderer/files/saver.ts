// Where a file from the desktop is put on this computer. Where the browser lets a page write files (Chromium, on https pages) its bytes go
// to disk as they come; elsewhere they gather as blobs, which browsers keep on disk when they are many, and end as a download. From `download-job.ts`.

/** A file has its name after `finish` and not before. */
export interface Saver {
  write(chunk: Uint8Array<ArrayBuffer>): Promise<void>;
  finish(): Promise<void>;
  /** Nothing is left. */
  abort(): Promise<void>;
}

interface Pickers {
  readonly showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
  readonly showDirectoryPicker?: (options: { mode: "readwrite" }) => Promise<FileSystemDirectoryHandle>;
}

/** Chunks become a blob when they are so large together, bytes. */
const BLOB_BYTES = 8e6;
const pickers = (): Pickers => window as Pickers;

/** Asks the user where. Rejects with DOMException AbortError when there is to be nothing. */
export async function pickSaver(name: string): Promise<() => Promise<Saver>> {
  const { showSaveFilePicker } = pickers();
  if (showSaveFilePicker === undefined) return () => Promise.resolve(blobSaver(name));
  const handle = await showSaveFilePicker.call(window, { suggestedName: name });
  return () => fileSaver(handle);
}

export const canPickFolder = (): boolean => pickers().showDirectoryPicker !== undefined;

/** The same of a folder: where each of its files goes. */
export async function pickFolder(): Promise<(names: readonly string[]) => Promise<Saver>> {
  const root = await pickers().showDirectoryPicker?.call(window, { mode: "readwrite" });
  return async (names) => {
    let folder = root;
    for (const name of names.slice(0, -1)) folder = await folder?.getDirectoryHandle(name, { create: true });
    const file = await folder?.getFileHandle(names.at(-1) ?? "", { create: true });
    if (file === undefined) throw new DOMException("There is no folder.", "NotFoundError");
    return fileSaver(file);
  };
}

/** The browser writes beside the file, and puts it in its place at the end. */
async function fileSaver(handle: FileSystemFileHandle): Promise<Saver> {
  const stream = await handle.createWritable();
  return { write: (chunk) => stream.write(chunk), finish: () => stream.close(), abort: () => stream.abort() };
}

function blobSaver(name: string): Saver {
  const blobs: Blob[] = [];
  let chunks: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  const gather = (): void => {
    blobs.push(new Blob(chunks));
    [chunks, bytes] = [[], 0];
  };
  return {
    write: (chunk) => {
      chunks.push(chunk);
      bytes += chunk.byteLength;
      if (bytes >= BLOB_BYTES) gather();
      return Promise.resolve();
    },
    finish: () => {
      gather();
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob(blobs));
      link.download = name;
      link.click();
      // The browser has begun to read it by then.
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      return Promise.resolve();
    },
    abort: () => {
      [blobs.length, chunks] = [0, []];
      return Promise.resolve();
    },
  };
}
