// Kinds of content that a clipboard may hold on its way between viewer and desktop: a closed list, the richer ones last. Offered in
// control `clipboard`; put in and taken out by the agent's `clipboard/` and the client's `renderer/clipboard/`.

export const CLIPBOARD_MIMES = [
  "text/plain",
  "text/html",
  "image/png",
  "image/jpeg",
  "image/webp",
  "image/gif",
  "image/bmp",
  "text/uri-list",
] as const;

export type ClipboardMime = (typeof CLIPBOARD_MIMES)[number];

export function isClipboardMime(mime: string): mime is ClipboardMime {
  return (CLIPBOARD_MIMES as readonly string[]).includes(mime);
}
