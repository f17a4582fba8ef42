// Files as this computer's clipboard wants them from an application, on each system. Pure. Used by `main.ts`, for `copied-files.ts`.

import { pathToFileURL } from "node:url";

/** How Electron's `ClipboardItem` names a format of the system's own. */
export const systemFormat = (name: string): string => `electron application/osclipboard;format="${name}"`;

/** One item: by format. Undefined: this system's clipboard takes so many files in no format that Electron can write. */
export function fileFormats(platform: string, paths: readonly string[]): Readonly<Record<string, Blob>> | undefined {
  const [first] = paths;
  if (first === undefined) return undefined;
  if (platform === "win32") {
    // CF_HDROP, which holds several, has no name that Electron takes.
    return paths.length === 1 ? { [systemFormat("FileNameW")]: new Blob([utf16(`${first}\0`)]) } : undefined;
  }
  const addresses = paths.map((path) => pathToFileURL(path).href);
  if (platform === "darwin") {
    return {
      [systemFormat("NSFilenamesPboardType")]: new Blob([propertyList(paths)]),
      ...(paths.length === 1 ? { [systemFormat("public.file-url")]: new Blob(addresses) } : {}),
    };
  }
  return {
    [systemFormat("text/uri-list")]: new Blob(addresses.map((address) => `${address}\r\n`)),
    [systemFormat("x-special/gnome-copied-files")]: new Blob([["copy", ...addresses].join("\n")]),
  };
}

/** The clipboard holds files, by the types that Electron tells of it. */
export const holdsFiles = (types: readonly string[]): boolean =>
  types.some((type) => /uri-list|gnome-copied-files|file-url|NSFilenames|FileNameW|HDROP/.test(type));

const utf16 = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, "utf16le"));

function propertyList(paths: readonly string[]): string {
  const entries = paths.map((path) => `<string>${path.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</string>`);
  return `<?xml version="1.0" encoding="UTF-8"?><plist version="1.0"><array>${entries.join("")}</array></plist>`;
}
