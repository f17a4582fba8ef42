// Files that are dragged over the page: whether they may be dropped here is shown, and a drop hands them on. Where they may not, the
// browser is kept from opening them in the desktop's place. Built by `client.ts`; shown by `ui/files-panel.tsx`.

import { Store } from "../store.ts";

export interface DropZoneParts {
  readonly mayDrop: () => boolean;
  /** Where, in the window. */
  readonly onDrop: (
    entries: readonly FileSystemEntry[],
    at: { readonly clientX: number; readonly clientY: number },
  ) => void;
}

export class DropZone {
  /** Files hang over the page, and may be dropped. */
  readonly over = new Store(false);
  readonly #ended = new AbortController();

  constructor({ mayDrop, onDrop }: DropZoneParts) {
    const options = { signal: this.#ended.signal, capture: true };
    const isDrag = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") === true;
    const drag = (event: DragEvent): void => {
      if (!isDrag(event)) return;
      event.preventDefault();
      const may = mayDrop();
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = may ? "copy" : "none";
      this.over.set(may);
    };
    window.addEventListener("dragenter", drag, options);
    window.addEventListener("dragover", drag, options);
    window.addEventListener(
      "dragleave",
      ({ relatedTarget }) => relatedTarget === null && this.over.set(false),
      options,
    );
    window.addEventListener(
      "drop",
      (event) => {
        if (!isDrag(event)) return;
        event.preventDefault();
        event.stopPropagation();
        this.over.set(false);
        // They are told during the event alone.
        const items = [...(event.dataTransfer?.items ?? [])];
        const entries = items.map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
        if (entries.length > 0) onDrop(entries, event);
      },
      options,
    );
  }

  close(): void {
    this.#ended.abort();
  }
}
