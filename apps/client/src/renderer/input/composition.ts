// Where input methods and dead keys compose: a text field that nobody sees has the focus while the keyboard makes text, and what is
// committed goes out as one message. From `capture.ts`, to `send.ts`. The field never keeps anything.

export class Composition {
  readonly #field: HTMLTextAreaElement;
  readonly #commit: (text: string) => void;

  constructor(home: HTMLElement, commit: (text: string) => void) {
    this.#commit = commit;
    this.#field = document.createElement("textarea");
    this.#field.className = "composition";
    this.#field.tabIndex = -1;
    this.#field.setAttribute("aria-label", "Remote desktop");
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

  /** Candidates are shown where the user looks. */
  moveTo(clientX: number, clientY: number): void {
    this.#field.style.left = `${clientX}px`;
    this.#field.style.top = `${clientY}px`;
  }

  listen(signal: AbortSignal): void {
    this.#field.addEventListener("compositionend", ({ data }) => this.#take(data), { signal });
    // Without a composition: emoji pickers, dictation, a dead key with its letter.
    this.#field.addEventListener(
      "input",
      (event) => {
        if (event instanceof InputEvent && event.inputType === "insertText" && !event.isComposing) {
          this.#take(event.data ?? "");
        }
      },
      { signal },
    );
  }

  #take(text: string): void {
    this.#field.value = "";
    if (text !== "") this.#commit(text);
  }
}

/** These keys are the composition's: the browser must have them. */
export function composes(event: KeyboardEvent): boolean {
  return event.isComposing || event.key === "Process" || event.key === "Dead";
}
