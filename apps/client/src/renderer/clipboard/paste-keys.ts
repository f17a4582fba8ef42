// Which keys and buttons paste, in the programs of the desktop and in browsers. Pure. Asked by `clipboard-link.ts`.

export interface PressedKey {
  readonly code: string;
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly repeat: boolean;
}

/** The button that pastes PRIMARY (PointerEvent.button). */
export const MIDDLE_BUTTON = 1;

/** Ctrl+V, with Shift in terminals; Command+V; Shift+Insert. By the character where the layout has a Latin one, else by the place. */
export function isPasteKey({ code, key, ctrlKey, shiftKey, altKey, metaKey, repeat }: PressedKey): boolean {
  if (altKey || repeat) return false;
  if (code === "Insert" || key === "Insert") return shiftKey && !ctrlKey && !metaKey;
  if (ctrlKey === metaKey) return false;
  const latin = /^[a-z]$/i.test(key);
  return latin ? key.toLowerCase() === "v" : code === "KeyV";
}
