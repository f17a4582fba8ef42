// The clipboard's state in words. Pure. For `clipboard-panel.tsx`.

import type { ClipboardState } from "../clipboard/clipboard-link.ts";

const KINDS: Readonly<Record<string, string>> = {
  "text/plain": "text",
  "text/html": "formatted text",
  "text/uri-list": "files",
};
const NAMES_SHOWN = 3;

export interface ClipboardWords {
  readonly what: string;
  readonly where: string;
  /** A click may fetch it. */
  readonly canBring: boolean;
}

export function clipboardWords(state: ClipboardState): ClipboardWords {
  const { types, names, from, here, bytes, trouble, copied } = state;
  if (types.length === 0) return { what: "It is empty.", where: "", canBring: false };
  const kinds = new Set(types.map(({ mime }) => (mime.startsWith("image/") ? "a picture" : (KINDS[mime] ?? mime))));
  const size = types.reduce((largest, { sizeBytes = 0 }) => Math.max(largest, sizeBytes), 0);
  const listed = names === undefined || names.length === 0 ? "" : `: ${namesIn(names)}`;
  const what = `It holds ${[...kinds].join(", ")}${listed}${size === 0 ? "" : `, ${sizeIn(size)}`}.`;
  const onlyFiles = types.every(({ mime }) => mime === "text/uri-list");
  if (onlyFiles && from === "here")
    return { what, where: here === "yes" ? "You copied them." : "They are on their way.", canBring: false };
  if (onlyFiles) {
    const where = copied === undefined ? "Files stay on the desktop." : "They can be fetched in the panel of files.";
    return { what, where, canBring: false };
  }
  switch (here) {
    case "yes":
      return { what, where: from === "here" ? "You copied it." : "It is on your clipboard too.", canBring: false };
    case "fetching":
      return {
        what,
        where: bytes === undefined ? "It is on its way." : `${sizeIn(bytes)} have come.`,
        canBring: false,
      };
    case "waiting":
      return { what, where: "Press a key or click on the desktop, and it is on your clipboard.", canBring: true };
    case "failed":
      return { what, where: trouble ?? "", canBring: true };
    case "no":
      return { what, where: from === "viewer" ? "Another viewer copied it." : "", canBring: true };
  }
}

/** Of a notice. */
export function copiedWords(
  { count, refused }: NonNullable<ClipboardState["copied"]>,
  names: readonly string[] = [],
): string {
  if (count === 0) return "What was copied on the desktop can't be downloaded here.";
  const [name] = names;
  const what =
    count === 1 && name !== undefined && refused === 0
      ? `“${name}” was`
      : `${count} ${count === 1 ? "file was" : "files were"}`;
  return `${what} copied on the desktop.`;
}

function namesIn(names: readonly string[]): string {
  const more = names.length - NAMES_SHOWN;
  return `${names.slice(0, NAMES_SHOWN).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

export function sizeIn(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${Math.round(bytes / 1000)} KB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
