// What a saved desktop may be, wherever it comes from: the page, the file of `store.ts`, an imported list. PURE.

import { z } from "zod";
import { readAgentPlace, readDestination } from "../../shared/address.ts";
import type { DesktopDraft, DesktopTarget, SavedDesktop } from "../../shared/desktops.ts";
import { readWebAddress } from "../../shared/web-address.ts";

const text = (chars: number) =>
  z
    .string()
    .max(chars)
    // oxlint-disable-next-line no-control-regex
    .regex(/^[^\u0000-\u001f\u007f]*$/, "control characters");
const word = (chars: number) => text(chars).min(1);
/** No argument that begins like an option: it may come to stand in a command line. */
const argument = (chars: number) => word(chars).regex(/^[^-]/, "begins with a dash");

/** As `readAddress` gives it: an address with more in it could hide a password, or lead elsewhere than it shows. */
const isPageUrl = (value: string) => readWebAddress(value)?.pageUrl === value;

const target: z.ZodType<DesktopTarget> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("url"), url: word(2048).refine(isPageUrl, "no address of an agent's page") }),
  z.strictObject({
    kind: z.literal("ssh"),
    destination: argument(512).refine((value) => readDestination(value) !== undefined, "no user and host"),
    port: z.int().min(1).max(65_535).exactOptional(),
    agent: word(512).refine((value) => readAgentPlace(value) !== undefined, "no place of an agent"),
  }),
  z.strictObject({ kind: z.literal("container"), engine: word(512), container: argument(256) }),
  z.strictObject({ kind: z.literal("pod"), context: word(512), namespace: argument(64), name: argument(256) }),
]);

const named = { name: word(128), user: text(256), target };

export const desktopId = z.string().regex(/^[\da-f-]{36}$/);
export const desktopDraft: z.ZodType<DesktopDraft> = z.strictObject({ id: desktopId.exactOptional(), ...named });
export const savedDesktop: z.ZodType<SavedDesktop> = z.strictObject({
  id: desktopId,
  ...named,
  lastUsedMs: z.number().min(0),
});

const PICTURE_BYTES_MAX = 256 * 1024;
const isJpeg = (bytes: Uint8Array) => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;

export const keptPicture = z.strictObject({
  id: desktopId,
  jpeg: z
    .instanceof(Uint8Array)
    .refine(({ byteLength }) => byteLength <= PICTURE_BYTES_MAX, "too large")
    .refine(isJpeg, "no JPEG"),
});
export const secret = z.strictObject({ id: desktopId, password: z.string().min(1).max(1024) });
export const importWish = z.strictObject({ text: z.string().max(4 * 1024 * 1024), replace: z.boolean() });
