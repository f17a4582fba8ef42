// Bulk bytes over HTTP, below the agent's URL: `transfer/…`, one address a thing. The ticket of `hello` stands in `Authorization`
// as a bearer token (RFC 6750) and ends with the session. To the viewer: GET with Range (RFC 9110, section 14). To the agent: PUT of a piece,
// with the two headers of draft-ietf-httpbis-resumable-upload below; HEAD says from where to go on. An error's body is a sentence for the user.

import { TRANSFER_PATH } from "./channels.ts";
import type { ClipboardMime } from "./clipboard.ts";

/** How many bytes the agent has (in its answer), or where this piece begins (in a PUT). */
export const UPLOAD_OFFSET = "Upload-Offset";
/** `?1` with the last piece, `?0` before it. */
export const UPLOAD_COMPLETE = "Upload-Complete";

/** Below the agent's URL. `serial`: of the offer. */
export const clipboardTransfer = (direction: "in" | "out", serial: number, mime: ClipboardMime): string =>
  `${TRANSFER_PATH}/clipboard/${direction}/${serial}/${mime}`;
