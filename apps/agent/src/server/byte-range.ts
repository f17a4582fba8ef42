// Which bytes a GET asks for (RFC 9110, section 14): one range, or everything. Pure. Asked by `transfer.ts`.

/** `to` is the first byte after it. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Undefined: everything, also where the header is not understood, names several ranges, or is about what stood here before
 * (`ifRange`: its etag).
 */
export function rangeOf(
  header: string | undefined,
  ifRange: string,
  { sizeBytes, etag }: { readonly sizeBytes: number; readonly etag: string },
): ByteRange | "unsatisfiable" | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "");
  if (match === null || ifRange !== etag) return undefined;
  const [first = "", last = ""] = match.slice(1);
  if (first === "" && last === "") return undefined;
  const from = first === "" ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const to = first === "" || last === "" ? sizeBytes : Math.min(sizeBytes, Number(last) + 1);
  if (first !== "" && last !== "" && Number(last) < from) return undefined;
  return from >= to ? "unsatisfiable" : { from, to };
}
