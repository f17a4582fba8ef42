// By which id a file goes to the desktop: one that was on its way when the page was closed or loaded anew goes on with what has come, once the user sends
// it again. A file is known by its name, its size and its time; that its bytes are the same is checked at the end (SHA-256). Kept in localStorage. Used by
// `upload-job.ts`.

const STORAGE_KEY = "eglantine.uploads";
const KEPT = 64;

type Stored = readonly (readonly [file: string, id: string])[];

/** In this page: the same file twice at a time is two uploads. */
const inUse = new Set<string>();

export function takeUploadId(file: string): string {
  const stored = read();
  const known = stored.find(([one]) => one === file)?.[1];
  const id = known === undefined || inUse.has(known) ? newId() : known;
  if (known === undefined) write([...stored, [file, id]]);
  inUse.add(id);
  return id;
}

/** It has come, or is given up. */
export function forgetUploadId(id: string): void {
  inUse.delete(id);
  const stored = read();
  const left = stored.filter(([, one]) => one !== id);
  if (left.length < stored.length) write(left);
}

/** 32 hexadecimal digits. `crypto.randomUUID` is for https pages alone. */
export const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Whatever stands there. */
function read(): Stored {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "[]");
    return Array.isArray(stored) ? stored.filter(isEntry) : [];
  } catch (error) {
    console.debug("unfinished uploads are not known", error);
    return [];
  }
}

const isEntry = (entry: unknown): entry is Stored[number] =>
  Array.isArray(entry) &&
  entry.length === 2 &&
  typeof entry[0] === "string" &&
  typeof entry[1] === "string" &&
  /^[\da-f]{32}$/.test(entry[1]);

function write(stored: Stored): void {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(stored.slice(-KEPT)));
  } catch (error) {
    console.debug("unfinished uploads can't be kept", error);
  }
}
