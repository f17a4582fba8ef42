// Which language the interface speaks: follows the setting and the system, and tells the page's `lang`. From `ui/mount.tsx`; next: `texts.ts`.

import { chooseSpeech, type Speech } from "../../shared/speech.ts";
import type { Preferences } from "../preferences.ts";
import { textOf, texts } from "./texts.ts";

/** What stands in the page itself: its language, and what the desktop is called. */
function tellPage(root: HTMLElement, { tag }: Speech): void {
  root.lang = tag;
  const name = textOf("tools")("remote-desktop");
  for (const part of root.querySelectorAll("#surface, #surface textarea")) part.setAttribute("aria-label", name);
}

/** Resolves when the first one is spoken. Returns the way to stop. */
export async function followLanguage(preferences: Preferences, root: HTMLElement): Promise<() => void> {
  const follow = async (): Promise<void> => {
    const speech = chooseSpeech(preferences.store.get().language, navigator.languages);
    const { locale, tag } = texts.speech.get();
    if (speech.tag === tag && speech.locale === locale) return;
    try {
      await texts.speak(speech);
      tellPage(root, speech);
    } catch (error) {
      // The page's server is gone: what is spoken stays.
      console.warn("the language could not be loaded", error);
    }
  };
  const changed = (): void => void follow();
  const unwatch = preferences.store.watch(changed);
  window.addEventListener("languagechange", changed);
  await follow();
  return () => {
    unwatch();
    window.removeEventListener("languagechange", changed);
  };
}
