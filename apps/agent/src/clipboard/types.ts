// The contract between the clipboard that viewers and desktop share (`clipboard.ts`) and the X server's selections
// (`x11/selection.ts`). Targets are X's names of kinds of content, as in `targets.ts`.

/** `XdndSelection`: what is dropped (`x11/drop.ts`). */
export type SelectionName = "CLIPBOARD" | "PRIMARY" | "XdndSelection";

/** What programs of the desktop can paste. */
export interface SelectionContent {
  readonly targets: readonly string[];
  /** The bytes of a target, as they come; rejects where they can't be had. Asked when a program pastes. */
  open(target: string): AsyncIterable<Uint8Array>;
  /** About how many there will be; 0: unknown. */
  sizeBytes(target: string): number;
}

export interface SelectionPort {
  /** What programs paste is ours. */
  owns(selection: SelectionName): boolean;
  /** Makes this what programs paste. Resolves when the X server has it; rejects without an X server. Undefined: nothing. */
  own(selections: readonly SelectionName[], content: SelectionContent | undefined): Promise<void>;
  /** Targets that the program offers, of those that `targets.ts` knows. Rejects with SelectionError. */
  targets(selection: SelectionName): Promise<readonly string[]>;
  /** Rejects with SelectionError. */
  read(selection: SelectionName, target: string, maxBytes: number): Promise<Buffer>;
  /** A program took a selection, or let go of it. Returns what ends that. */
  watch(selections: readonly SelectionName[], watcher: (selection: SelectionName, owned: boolean) => void): () => void;
}

export const SELECTION_FAILURES = {
  refused: "The program that it was copied in does not give it any more.",
  silent: "The program that it was copied in does not answer.",
  "too-large": "It is larger than the desktop's clipboard may give.",
  "too-many-kinds": "The program that it was copied in offers more kinds of content than any real one does.",
  gone: "The desktop's X server went away.",
} as const;

export type SelectionFailure = keyof typeof SELECTION_FAILURES;

/** Expected: a program did not give what it offers. */
export class SelectionError extends Error {
  override readonly name = "SelectionError";
  readonly failure: SelectionFailure;

  constructor(failure: SelectionFailure) {
    super(SELECTION_FAILURES[failure]);
    this.failure = failure;
  }
}
