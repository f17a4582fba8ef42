// Keys that a browser or this computer keeps for itself, and the menu sends instead. TABLE. Shown by `ui/keyboard-panel.tsx`,
// pressed by `capture.ts`: one after the other, and let go in reverse.

export interface MenuKey {
  /** Its place (KeyboardEvent.code); "" where the character counts. */
  readonly code: string;
  /** KeyboardEvent.key. */
  readonly key: string;
}

export interface Combination {
  readonly label: string;
  readonly keys: readonly MenuKey[];
}

const CTRL: MenuKey = { code: "ControlLeft", key: "Control" };
const ALT: MenuKey = { code: "AltLeft", key: "Alt" };
const SHIFT: MenuKey = { code: "ShiftLeft", key: "Shift" };
const SUPER: MenuKey = { code: "MetaLeft", key: "Meta" };
/** Where its name is its place. */
const named = (name: string): MenuKey => ({ code: name, key: name });
const letter = (key: string): MenuKey => ({ code: "", key });

export const COMBINATIONS: readonly Combination[] = [
  { label: "Ctrl+Alt+Del", keys: [CTRL, ALT, named("Delete")] },
  { label: "Alt+Tab", keys: [ALT, named("Tab")] },
  { label: "Alt+F4", keys: [ALT, named("F4")] },
  { label: "Super", keys: [SUPER] },
  { label: "Print", keys: [named("PrintScreen")] },
  { label: "Escape", keys: [named("Escape")] },
  { label: "Ctrl+W", keys: [CTRL, letter("w")] },
  { label: "Ctrl+T", keys: [CTRL, letter("t")] },
  { label: "Ctrl+N", keys: [CTRL, letter("n")] },
  { label: "Ctrl+Shift+Esc", keys: [CTRL, SHIFT, named("Escape")] },
  { label: "Ctrl+Alt+Backspace", keys: [CTRL, ALT, named("Backspace")] },
];

export const FUNCTION_KEYS: readonly Combination[] = Array.from({ length: 12 }, (_, index) => {
  const label = `F${index + 1}`;
  return { label, keys: [named(label)] };
});
