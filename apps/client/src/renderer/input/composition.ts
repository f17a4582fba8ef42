// Where input methods and dead keys compose: a text field that nobody sees has the focus while the keyboard makes text, and what is
// committed goes out as one message. From `capture.ts`, to `send.ts`. A keyboard on the screen of a touch device writes into it too, and tells
// of no keys: what it deletes and breaks is read from what happens to the field.

import type { MenuKey } from "./combinations.ts";

export interface CompositionSink {
  onText(text: string): void;
  /** Which the field alone tells of. */
  onKey(key: MenuKey): void;
  onBlur(): void;
}

/** Something to delete: of an empty field no deletion is told. */
const PADDING = "  ";
const EDITS: Readonly<Record<string, MenuKey>> = {
  deleteContentBackward: { code: "Backspace", key: "Backspace" },
  deleteContentForward: { code: "Delete", key: "Delete" },
  insertLineBreak: { code: "Enter", key: "Enter" },
  insertParagraph: { code: "Enter", key: "Enter" },
};

export class Composition {
  readonly #field: HTMLTextAreaElement;
  readonly #sink: CompositionSink;
  #padding = "";

  constructor(home: HTMLElement, sink: CompositionSink) {
    this.#sink = sink;
    this.#field = document.createElement("textarea");
    this.#field.className = "composition";
    this.#field.tabIndex = -1;
    // Both are the desktop; `messages/language.ts` says so in the user's language.
    this.#field.setAttribute("aria-label", home.getAttribute("aria-label") ?? "");
    for (const name of ["autocomplete", "autocorrect", "autocapitalize"]) this.#field.setAttribute(name, "off");
    this.#field.spellcheck = false;
    home.append(this.#field);
  }

  get focused(): boolean {
    return document.activeElement === this.#field;
  }

  focus(): void {
    this.#field.focus({ preventScroll: true });
  }

  /** As a field that a keyboard on the screen is shown for. */
  focusWithKeyboard(): void {
    this.#padding = PADDING;
    this.#empty();
    this.focus();
  }

  /** Candidates are shown where the user looks. */
  moveTo(clientX: number, clientY: number): void {
    this.#field.style.left = `${clientX}px`;
    this.#field.style.top = `${clientY}px`;
  }

  listen(signal: AbortSignal): void {
    this.#field.addEventListener("compositionend", ({ data }) => this.#take(data), { signal });
    this.#field.addEventListener("input", (event) => event instanceof InputEvent && this.#edited(event), { signal });
    this.#field.addEventListener(
      "blur",
      () => {
        this.#padding = "";
        this.#empty();
        this.#sink.onBlur();
      },
      { signal },
    );
  }

  /** Without a composition: emoji pickers, dictation, a dead key with its letter, keyboards on the screen. */
  #edited({ inputType, isComposing, data }: InputEvent): void {
    if (isComposing) return;
    const key = EDITS[inputType];
    if (inputType === "insertText") this.#take(data ?? "");
    else if (key !== undefined) {
      this.#empty();
      this.#sink.onKey(key);
    }
  }

  #take(text: string): void {
    this.#empty();
    if (text !== "") this.#sink.onText(text);
  }

  #empty(): void {
    this.#field.value = this.#padding;
    this.#field.setSelectionRange(this.#padding.length, this.#padding.length);
  }
}

/** These keys are the composition's: the browser must have them. Keyboards on the screen name none. */
export function composes(event: KeyboardEvent): boolean {
  return event.isComposing || event.key === "Process" || event.key === "Dead" || event.key === "Unidentified";
}
