// The atoms that selections are made of (ICCCM, section 2), and those of the clipboard's kinds of content, on one connection.
// Used by `selection.ts`, `selection-read.ts` and `selection-serve.ts`.

import { TARGET_NAMES } from "../clipboard/targets.ts";
import type { XConnection } from "./client.ts";

const NAMES = [
  "CLIPBOARD",
  "PRIMARY",
  "XdndSelection",
  "TARGETS",
  "TIMESTAMP",
  "MULTIPLE",
  "ATOM_PAIR",
  "INCR",
  "EGLANTINE_SELECTION",
] as const;

/** Predefined (X protocol, appendix B). */
export const XA_ATOM = 4;
export const XA_INTEGER = 19;

export type SelectionAtoms = Readonly<Record<(typeof NAMES)[number], number>> & {
  /** Targets of the clipboard's kinds, both ways. */
  readonly byTarget: ReadonlyMap<string, number>;
  readonly targetOf: ReadonlyMap<number, string>;
};

export async function internSelectionAtoms(connection: XConnection): Promise<SelectionAtoms> {
  const intern = (names: readonly string[]) =>
    Promise.all(names.map(async (name) => [name, await connection.atom(name)] as const));
  const [own, targets] = await Promise.all([intern(NAMES), intern(TARGET_NAMES)]);
  return {
    ...(Object.fromEntries(own) as Record<(typeof NAMES)[number], number>),
    byTarget: new Map(targets),
    targetOf: new Map(targets.map(([name, atom]) => [atom, name])),
  };
}
