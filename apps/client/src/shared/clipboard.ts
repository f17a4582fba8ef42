// What a clipboard of this computer holds, as it passes between page and shell (`bridge.ts`). Read anew on each side: what comes over a
// border is taken for anything.

export interface ShellClipboard {
  readonly text?: string;
  readonly html?: string;
  readonly png?: Uint8Array<ArrayBuffer>;
  /** It holds files, which a paste event alone tells of. */
  readonly files?: true;
}

export function readShellClipboard(value: unknown): ShellClipboard {
  if (typeof value !== "object" || value === null) return {};
  const { text, html, png, files } = value as Record<string, unknown>;
  return {
    ...(typeof text === "string" && text !== "" ? { text } : {}),
    ...(typeof html === "string" && html !== "" ? { html } : {}),
    ...(png instanceof Uint8Array && png.byteLength > 0 ? { png: new Uint8Array(png) } : {}),
    ...(files === true ? { files } : {}),
  };
}
