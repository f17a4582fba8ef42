// The list of desktops as a file, to take to another computer or to hand on: names, users and targets; never a password, a picture or when one was used. PURE.
// For `answers.ts`.

import { z } from "zod";
import type { DesktopDraft, DesktopReason, ImportedDesktops, SavedDesktop } from "../../shared/desktops.ts";
import { desktopDraft } from "./read.ts";
import { isSame } from "./store.ts";

const FORMAT = "desktops";
const VERSION = 1;
/** Entries that a version of another day wrote differently are passed over one by one. */
const file = z.object({ eglantine: z.literal(FORMAT), version: z.literal(VERSION), desktops: z.array(z.unknown()) });

export function writeDesktops(desktops: readonly SavedDesktop[]): string {
  const entries = desktops.map(({ name, user, target }) => ({ name, user, target }));
  return `${JSON.stringify({ eglantine: FORMAT, version: VERSION, desktops: entries }, undefined, 2)}\n`;
}

export type Reading =
  | { readonly ok: readonly DesktopDraft[] }
  | { readonly failed: { readonly reason: DesktopReason; readonly parameters: Readonly<Record<string, string>> } };

export function readDesktops(text: string): Reading {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return { failed: { reason: "import-unreadable", parameters: {} } };
    throw error;
  }
  const read = file.safeParse(content);
  if (!read.success) return { failed: { reason: "import-other", parameters: {} } };
  const drafts = read.data.desktops.flatMap((entry) => {
    const draft = desktopDraft.safeParse(entry);
    // What was exported has no id: two computers have their own.
    if (!draft.success) return [];
    const { name, user, target } = draft.data;
    return [{ name, user, target }];
  });
  return { ok: drafts };
}

/** What is to be saved, and what the user is told. Without `replace`, what is here under another name or user stays as it is. */
export function mergeDesktops(
  desktops: readonly SavedDesktop[],
  drafts: readonly DesktopDraft[],
  replace: boolean,
): { readonly toSave: readonly DesktopDraft[]; readonly told: ImportedDesktops } {
  const toSave: DesktopDraft[] = [];
  const differing: string[] = [];
  let [added, same] = [0, 0];
  for (const draft of drafts) {
    // A file may have a target twice: the first counts.
    if (toSave.some(({ target }) => isSame(target, draft.target))) continue;
    const known = desktops.find(({ target }) => isSame(target, draft.target));
    if (known === undefined) {
      added += 1;
      toSave.push({ ...draft, name: freeName(draft.name, [...desktops, ...toSave]) });
    } else if (known.name === draft.name && known.user === draft.user) {
      same += 1;
    } else {
      differing.push(known.name);
      if (replace) toSave.push(draft);
    }
  }
  return { toSave, told: { added, same, differing } };
}

/** Two cards of one name could not be told apart: "Workshop", "Workshop (2)". */
function freeName(name: string, taken: readonly { readonly name: string }[]): string {
  const isTaken = (wanted: string) => taken.some((one) => one.name === wanted);
  let free = name;
  for (let count = 2; isTaken(free); count += 1) free = `${name} (${count})`;
  return free;
}
