// How the bridge's tables are written: a call of the page to the shell, and an event of the shell to the page. Each part has a table of its own
// (`desktops.ts`, …), `bridge.ts` joins them. What comes over the border is taken for anything: the shell's answers get `unknown` and read it.

/** One parameter at most: an object where there is more to say. */
type OneParameter = readonly [] | readonly [unknown];

export interface CallDefinition<Parameters extends OneParameter, Result> {
  /** IPC channel. */
  readonly channel: string;
  readonly doc: string;
  /** How many parameters: a call with another number is refused. */
  readonly takes: Parameters["length"];
  /** Only for the compiler: never there. */
  readonly shape?: (...parameters: Parameters) => Result;
}

export function call<Parameters extends readonly [unknown], Result>(channel: string, doc: string) {
  return { channel, doc, takes: 1 } as CallDefinition<Parameters, Result>;
}

/** One that takes nothing. */
export function bareCall<Result>(channel: string, doc: string) {
  return { channel, doc, takes: 0 } as CallDefinition<readonly [], Result>;
}

export interface EventDefinition<Payload> {
  /** IPC channel. */
  readonly channel: string;
  readonly doc: string;
  /** Only for the compiler: never there. */
  readonly shape?: Payload;
}

export function event<Payload>(channel: string, doc: string) {
  return { channel, doc } as EventDefinition<Payload>;
}

/** The page's side of a table: what the preload makes of it. */
export type Calls<Table> = {
  readonly [Name in keyof Table]: Table[Name] extends CallDefinition<infer Parameters, infer Result>
    ? (...parameters: Parameters) => Promise<Result>
    : never;
};

/** Whose call it is, as far as an answer may know it. */
export interface Caller {
  /** Names the window in `emit`. */
  readonly window: number;
  /** Lets the page have a paste event. */
  paste(): void;
}

/** The shell's side of a table. */
export type Answers<Table> = {
  readonly [Name in keyof Table]: Table[Name] extends CallDefinition<infer _Parameters, infer Result>
    ? (parameter: unknown, caller: Caller) => Result | Promise<Result>
    : never;
};

/**
 * What a call came to that may fail for reasons that are the user's to know. The page says them in the user's language: `<area>.failed.<reason>`
 * and `<area>.remedy.<reason>` of `renderer/messages`, with these parameters.
 */
export type Outcome<T, Reason extends string> = { readonly ok: T } | { readonly failed: Failed<Reason> };

export interface Failed<Reason extends string> {
  readonly reason: Reason;
  readonly parameters: Readonly<Record<string, string>>;
}

/** A parameter that the page never sends: the call is refused. Thrown by whoever reads it. */
export class WrongParameter extends TypeError {
  override readonly name = "WrongParameter";
}

/** The fields of an object, each to be read. Throws WrongParameter for what is none. */
export function readFields(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new WrongParameter("no object");
  return value as Record<string, unknown>;
}
