// The link that the application was started with, in the words of its command line: by the first instance itself, and by a second one, which hands it to
// the first and ends. PURE. Asked by `main.ts`; what the link means is read by `shared/address.ts`, and nothing happens without a click.

const SCHEME = "eglantine:";
const LINK_CHARS = 2048;

/** Undefined: there is none. Systems put it behind what else they pass. */
export function deepLinkOf(words: readonly string[]): string | undefined {
  return words.findLast((word) => word.toLowerCase().startsWith(SCHEME) && word.length <= LINK_CHARS);
}
