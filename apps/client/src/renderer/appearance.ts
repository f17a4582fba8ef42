// Colours and movement as the user set them: the page's style follows `data-theme` and `data-motion` (`page.css`). Before the interface is there,
// so that nothing changes colour under the eye. From `page.ts`.

import type { Preferences } from "./preferences.ts";

/** Returns the way to stop. */
export function followAppearance({ store }: Preferences, root: HTMLElement): () => void {
  const follow = (): void => {
    const { theme, motion } = store.get();
    root.dataset["theme"] = theme;
    root.dataset["motion"] = motion;
  };
  follow();
  return store.watch(follow);
}
