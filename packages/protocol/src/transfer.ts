// Bulk bytes over HTTP, below the agent's URL: `transfer/…`, one address a thing. The ticket of `hello` stands in `Authorization`
// as a bearer token (RFC 6750) and ends with the session. To the viewer: GET with Range (RFC 9110, section 14). To the agent: PUT of a piece,
// with the two headers of draft-ietf-httpbis-resumable-upload below; HEAD says from where to go on, DELETE forgets what has come. An error's body
// is a sentence for the user.

import { TRANSFER_PATH } from "./channels.ts";
import type { ClipboardMime } from "./clipboard.ts";

/** How many bytes the agent has (in its answer), or where this piece begins (in a PUT). */
export const UPLOAD_OFFSET = "Upload-Offset";
/** `?1` with the last piece, `?0` before it. */
export const UPLOAD_COMPLETE = "Upload-Complete";
/** Of all that was sent, with the last piece of a file (RFC 9530): `sha-256=:…:`, in base64. */
export const REPR_DIGEST = "Repr-Digest";

/** Below the agent's URL. `serial`: of the offer. */
export const clipboardTransfer = (direction: "in" | "out", serial: number, mime: ClipboardMime): string =>
  `${TRANSFER_PATH}/clipboard/${direction}/${serial}/${mime}`;

/** What becomes of a file whose name is taken: nothing yet (412), the old one goes, or the new one gets a number. */
export const CONFLICT_MODES = ["ask", "replace", "keep"] as const;
export type ConflictMode = (typeof CONFLICT_MODES)[number];

export interface FileUpload {
  /** Of the viewer's making, 32 hexadecimal digits: by it an upload is found again, also in another session. */
  readonly id: string;
  readonly sizeBytes: number;
  readonly mode: ConflictMode;
  /** Folders below the desktop's folder for files, then the file's own name. */
  readonly names: readonly string[];
}

/**
 * Below `files/` there is more than the desktop's folder for files. `copied`: what was copied on the desktop (control `clipboard`), in whatever folder
 * it lies; it is only read. `stage`: files that the viewer pastes, 32 hexadecimal digits of its making; they are only put there.
 */
export type FilesPlace = { readonly copied: string } | { readonly stage: string };

const placeOf = (place: FilesPlace | undefined): string => {
  if (place === undefined) return "";
  return "copied" in place ? `copied/${encodeURIComponent(place.copied)}/` : `stage/${place.stage}/`;
};
const filesAt = (kind: string, names: readonly string[], place: FilesPlace | undefined): string =>
  `${TRANSFER_PATH}/files/${placeOf(place)}${kind}/${pathOf(names)}`;

export const fileUpload = ({ id, sizeBytes, mode, names }: FileUpload, place?: FilesPlace): string =>
  filesAt(`up/${id}/${sizeBytes}/${mode}`, names, place);
/** A PUT without bytes makes the folder. */
export const folderUpload = (names: readonly string[], place?: FilesPlace): string => filesAt("folder", names, place);
/** JSON: FolderListing. No names: the folder for files itself, or all that was copied. */
export const folderListing = (names: readonly string[], place?: FilesPlace): string => filesAt("list", names, place);
export const fileDownload = (names: readonly string[], place?: FilesPlace): string => filesAt("down", names, place);
/** Its SHA-256, in base64. */
export const fileDigest = (names: readonly string[], place?: FilesPlace): string => filesAt("sha256", names, place);

export interface FolderEntry {
  readonly name: string;
  readonly kind: "file" | "folder";
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

export interface FolderListing {
  /** Folders first. */
  readonly entries: readonly FolderEntry[];
  /** There are more, which are not told. */
  readonly more: boolean;
  /** Of what was copied: what can't be had, the first of it. */
  readonly refused?: readonly RefusedEntry[];
}

export interface RefusedEntry {
  readonly name: string;
  /** A sentence for the user. */
  readonly why: string;
}

const pathOf = (names: readonly string[]): string => names.map(encodeURIComponent).join("/");
