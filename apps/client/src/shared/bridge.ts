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
  writeSettings: call<[settings: unknown], void>("eglantine:write-settings", "Stores the settings given."),
} as const;

export type CallName = keyof typeof BRIDGE;

type Shape<Name extends CallName> = NonNullable<(typeof BRIDGE)[Name]["shape"]>;

/** The object that the preload puts into the page. */
export type Bridge = { readonly platform: string } & {
  readonly [Name in CallName]: (...parameters: Parameters<Shape<Name>>) => Promise<ReturnType<Shape<Name>>>;
};
