// What the page may ask of the Electron shell. TABLE of calls → the type of `window.eglantine`, the preload's object and
// the shell's answers (`main/bridge-host.ts`). In a plain browser there is no bridge and the page does without.

export interface CallDefinition {
  /** IPC channel. */
  readonly channel: string;
  readonly doc: string;
}

export const BRIDGE = {
  readSettings: { channel: "eglantine:read-settings", doc: "The stored settings, as `settings.ts` reads them." },
  writeSettings: { channel: "eglantine:write-settings", doc: "Stores the settings given." },
} as const satisfies Record<string, CallDefinition>;

export type CallName = keyof typeof BRIDGE;

/** The object that the preload puts into the page. Settings travel as unknown and are read by `readSettings`. */
export interface Bridge {
  readonly platform: string;
  readSettings(): Promise<unknown>;
  writeSettings(settings: unknown): Promise<void>;
}
