// What the viewer's clipboard holds, in one shape whichever way it was read: a paste event, the asynchronous clipboard, the desktop
// application's shell. Pure but for the blobs. From `browser-clipboard.ts` and `shell-clipboard.ts`, to `clipboard-link.ts`.

import { type ClipboardMime, isClipboardMime } from "@eglantine/protocol/clipboard";

export interface Holding {
  readonly text?: string;
  readonly html?: string;
  /** Its type is one of the protocol's kinds. */
  readonly picture?: Blob;
  /** Copied as files, or several pictures. */
  readonly files?: readonly File[];
  /** There are files, of which only a paste event tells. */
  readonly untold?: true;
}

export interface HeldKind {
  readonly mime: ClipboardMime;
  readonly sizeBytes: number;
}

const utf8 = new TextEncoder();

/** What a paste event brings; only valid during the event, but for the files. */
export function holdingOf(data: DataTransfer): Holding {
  const [text, html] = [data.getData("text/plain"), data.getData("text/html")];
  const files = [...data.files];
  const [first] = files;
  const isPicture =
    files.length === 1 && first !== undefined && first.type.startsWith("image/") && isClipboardMime(first.type);
  return {
    ...(text === "" ? {} : { text }),
    ...(html === "" ? {} : { html }),
    ...(isPicture ? { picture: first } : files.length === 0 ? {} : { files }),
  };
}

export function kindsOf({ text, html, picture }: Holding): HeldKind[] {
  const kinds: HeldKind[] = [];
  if (text !== undefined) kinds.push({ mime: "text/plain", sizeBytes: utf8.encode(text).byteLength });
  if (html !== undefined) kinds.push({ mime: "text/html", sizeBytes: utf8.encode(html).byteLength });
  if (picture !== undefined && isClipboardMime(picture.type)) {
    kinds.push({ mime: picture.type, sizeBytes: picture.size });
  }
  return kinds;
}

export function bytesOf({ text, html, picture }: Holding, mime: string): Blob | undefined {
  if (mime === "text/plain") return text === undefined ? undefined : new Blob([text]);
  if (mime === "text/html") return html === undefined ? undefined : new Blob([html]);
  return picture?.type === mime ? picture : undefined;
}

/** The same, as far as it can be told: browsers clean HTML and code pictures anew, but leave text as it is. */
export async function isSame(one: Holding, other: Holding): Promise<boolean> {
  if (one.files !== undefined || other.files !== undefined) return sameFiles(one.files ?? [], other.files ?? []);
  if (one.text !== undefined || other.text !== undefined) return lines(one.text) === lines(other.text);
  if (one.picture === undefined || other.picture === undefined) return one.picture === other.picture;
  return (await sameBytes(one.picture, other.picture)) || (await samePixels(one.picture, other.picture));
}

/** Each paste brings new ones of the same. */
const sameFiles = (one: readonly File[], other: readonly File[]): boolean =>
  one.length === other.length &&
  one.every(({ name, size, lastModified }, at) => {
    const twin = other[at];
    return twin?.name === name && twin.size === size && twin.lastModified === lastModified;
  });

/** Windows writes its line ends into every text. */
const lines = (text: string | undefined): string | undefined => text?.replaceAll("\r\n", "\n");

async function sameBytes(one: Blob, other: Blob): Promise<boolean> {
  if (one.size !== other.size) return false;
  const [a, b] = await Promise.all([one.arrayBuffer(), other.arrayBuffer()]);
  return isEqual(new Uint8Array(a), new Uint8Array(b));
}

async function samePixels(one: Blob, other: Blob): Promise<boolean> {
  const [a, b] = await Promise.all([sizeOfPng(one), sizeOfPng(other)]);
  // Another size is seen without decoding.
  if (a !== undefined && b !== undefined && a !== b) return false;
  try {
    const [first, second] = [await pixelsOf(one), await pixelsOf(other)];
    return first.width === second.width && first.height === second.height && isEqual(first.data, second.data);
  } catch (error) {
    // No picture after all.
    if (error instanceof DOMException) return false;
    throw error;
  }
}

/** Width and height stand in the header of every PNG file (its section 11.2.1). */
async function sizeOfPng(picture: Blob): Promise<string | undefined> {
  if (picture.type !== "image/png" || picture.size < 24) return undefined;
  const head = new DataView(await picture.slice(16, 24).arrayBuffer());
  return `${head.getUint32(0)} ${head.getUint32(4)}`;
}

async function pixelsOf(picture: Blob): Promise<ImageData> {
  const bitmap = await createImageBitmap(picture);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new DOMException("no canvas");
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

function isEqual(one: ArrayLike<number>, other: ArrayLike<number>): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false;
  return true;
}
