// Names of files and folders as viewers send them: which are refused, and what is made of those that are taken. Pure. Used by `files.ts` and `part.ts`.

import { TransferError } from "../session/types.ts";

/** What Linux takes. */
const NAME_BYTES = 255;
/** Folders in folders. */
const DEPTH = 32;
/** Control characters, and marks that turn the direction of writing, by which a name shows another ending than it has. */
// oxlint-disable-next-line no-control-regex
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
const PART_PREFIX = ".eglantine-";

/** Of what has not wholly come. */
export const partName = (id: string): string => `${PART_PREFIX}${id}.part`;
/** Of the folder for files that are pasted. */
export const stageName = (id: string): string => `${PART_PREFIX}${id}.stage`;
/** Of either. */
export const isPartName = (name: string): boolean => name.startsWith(PART_PREFIX);

/** Throws TransferError unless all of them are names, and of nothing above. */
export function checkNames(names: readonly string[]): void {
  if (names.length === 0 || names.length > DEPTH) throw new TransferError(400, `Folders may be ${DEPTH} deep.`);
  for (const name of names) {
    const why = refusal(name);
    if (why !== undefined) throw new TransferError(400, why);
  }
}

function refusal(name: string): string | undefined {
  if (name === "" || name === "." || name === "..") return "A name is missing, or leads out of the folder.";
  if (name.includes("/")) return "A name holds a slash.";
  if (HIDDEN.test(name)) return "A name holds characters that can't be seen.";
  if (isPartName(name)) return `Names that begin with ${PART_PREFIX} are the agent's own.`;
  if (Buffer.byteLength(name) > NAME_BYTES) return `A name is longer than ${NAME_BYTES} bytes.`;
  return undefined;
}

/** Of a name that is refused, for the user to read. */
export const shownName = (name: string): string =>
  Array.from(name, (one) => (HIDDEN.test(one) ? "\ufffd" : one)).join("");

/** `notes.txt` becomes `notes (2).txt`; no longer than a name may be. */
export function numbered(name: string, count: number): string {
  const dot = name.lastIndexOf(".");
  const [stem, ending] = dot <= 0 ? [name, ""] : [name.slice(0, dot), name.slice(dot)];
  const mark = ` (${count})`;
  const characters = Array.from(stem);
  while (characters.length > 1 && Buffer.byteLength(characters.join("") + mark + ending) > NAME_BYTES) characters.pop();
  return characters.join("") + mark + ending;
}
