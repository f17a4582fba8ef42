// What the page may ask of the Electron shell. TABLE of calls → the type of `window.eglantine`, the preload's object and
// the shell's answers (`main/bridge-host.ts`). In a plain browser there is no bridge and the page does without.

export interface CallDefinition<Parameters extends readonly unknown[], Result> {
  /** IPC channel. */
  readonly channel: string;
  readonly doc: string;
  /** Only for the compiler: never there. */
  readonly shape?: (...parameters: Parameters) => Result;
}

function call<Parameters extends readonly unknown[], Result>(channel: string, doc: string) {
  return { channel, doc } as CallDefinition<Parameters, Result>;
}

// Settings travel as unknown: `readSettings` of `settings.ts` reads them on both sides.
export const BRIDGE = {
  readSettings: call<[], unknown>("eglantine:read-settings", "The stored settings."),
  // Of a clipboard: `readShellClipboard` of `clipboard.ts`.
  readClipboard: call<[], unknown>(
    "eglantine:read-clipboard",
    "What this computer's clipboard holds: text, HTML, a picture.",
  ),
  writeClipboard: call<[content: unknown], void>(
    "eglantine:write-clipboard",
    "Puts that on this computer's clipboard.",
  ),
  // A piece of a file: `readCopiedPiece` of `copied.ts`.
  storeFile: call<[piece: unknown], void>(
    "eglantine:store-file",
    "Writes a piece of a file that was copied on the desktop, below a temporary folder of the application.",
  ),
  copyFiles: call<[set: unknown], unknown>(
    "eglantine:copy-files",
    "Puts such files on this computer's clipboard, as files. Answers `clipboard` or `folder`: see `CopiedTo` of `copied.ts`.",
  ),
  dropFiles: call<[set: unknown], void>("eglantine:drop-files", "Forgets such files."),
  tellPaste: call<[], void>(
    "eglantine:tell-paste",
    "Lets the page have a paste event, which alone brings it the files of this computer's clipboard.",
  ),
  writeSettings: call<[settings: unknown], void>("eglantine:write-settings", "Stores the settings given."),
} as const;

export type CallName = keyof typeof BRIDGE;

type Shape<Name extends CallName> = NonNullable<(typeof BRIDGE)[Name]["shape"]>;

/** The object that the preload puts into the page. */
export type Bridge = { readonly platform: string } & {
  readonly [Name in CallName]: (...parameters: Parameters<Shape<Name>>) => Promise<ReturnType<Shape<Name>>>;
};
