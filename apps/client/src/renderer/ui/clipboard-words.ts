// The clipboard's state in words. Pure. For `clipboard-panel.tsx`.

import type { ClipboardState } from "../clipboard/clipboard-link.ts";
import type { Text } from "../messages/areas.ts";
import type { Formats } from "../messages/number-formats.ts";
import type { Sentence } from "../messages/said.ts";

const KINDS = {
  "text/plain": "kind.text",
  "text/html": "kind.html",
  "text/uri-list": "kind.files",
} as const;
const NAMES_SHOWN = 3;

export interface ClipboardWords {
  readonly what: string;
  readonly where: string;
  /** A click may fetch it. */
  readonly canBring: boolean;
}

/** The user's language. */
export interface Tongue {
  readonly t: Text<"clipboard">;
  readonly say: (sentence: Sentence) => string;
  readonly formats: Formats;
}

export function clipboardWords(state: ClipboardState, { t, say, formats }: Tongue): ClipboardWords {
  const { types, from, here, bytes, trouble, copied } = state;
  if (types.length === 0) return { what: t("empty"), where: "", canBring: false };
  const what = holds(state, t, formats);
  const onlyFiles = types.every(({ mime }) => mime === "text/uri-list");
  if (onlyFiles && from === "here") {
    return { what, where: here === "yes" ? t("you-copied-them") : t("they-come"), canBring: false };
  }
  if (onlyFiles) {
    return { what, where: copied === undefined ? t("they-stay") : t("they-can-be-fetched"), canBring: false };
  }
  switch (here) {
    case "yes":
      return { what, where: from === "here" ? t("you-copied-it") : t("here-too"), canBring: false };
    case "fetching": {
      const where = bytes === undefined ? t("on-its-way") : t("size-have-come", { size: formats.bytes(bytes) });
      return { what, where, canBring: false };
    }
    case "waiting":
      return { what, where: t("press-key"), canBring: true };
    case "failed":
      return { what, where: trouble === undefined ? "" : say(trouble), canBring: true };
    case "no":
      return { what, where: from === "viewer" ? t("another-viewer") : "", canBring: true };
  }
}

function holds({ types, names }: ClipboardState, t: Text<"clipboard">, formats: Formats): string {
  const said = types.map(({ mime }) => (mime.startsWith("image/") ? t("kind.picture") : kindOf(mime, t)));
  const kinds = formats.listed([...new Set(said)]);
  const largest = types.reduce((size, { sizeBytes = 0 }) => Math.max(size, sizeBytes), 0);
  const size = formats.bytes(largest);
  if (names === undefined || names.length === 0) {
    return largest === 0 ? t("holds", { kinds }) : t("holds-size", { kinds, size });
  }
  const listed = namesIn(names, t, formats);
  return largest === 0
    ? t("holds-names", { kinds, names: listed })
    : t("holds-names-size", { kinds, names: listed, size });
}

function kindOf(mime: string, t: Text<"clipboard">): string {
  const key = Object.entries(KINDS).find(([one]) => one === mime)?.[1];
  return key === undefined ? mime : t(key);
}

/** Of a notice. */
export function copiedWords(
  { count, refused }: NonNullable<ClipboardState["copied"]>,
  names: readonly string[] | undefined,
  t: Text<"clipboard">,
): string {
  if (count === 0) return t("not-downloadable");
  const [name] = names ?? [];
  return count === 1 && name !== undefined && refused === 0 ? t("name-copied", { name }) : t("files-copied", { count });
}

function namesIn(names: readonly string[], t: Text<"clipboard">, { listed }: Formats): string {
  const count = names.length - NAMES_SHOWN;
  const shown = listed(names.slice(0, NAMES_SHOWN));
  return count > 0 ? t("names-more", { names: shown, count }) : shown;
}
