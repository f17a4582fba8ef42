// When what was drawn is on the screen: the compositor has taken it by the second animation frame. A hidden page has no such frames
// and waits for a moment instead. Used by `page.ts` for what is to come after the first picture.

const COMPOSED_MS = 100;

/** Calls `act` once. */
export function afterComposition(act: () => void): void {
  let done = false;
  const once = (): void => {
    if (!done) act();
    done = true;
  };
  requestAnimationFrame(() => requestAnimationFrame(once));
  setTimeout(once, COMPOSED_MS);
}
