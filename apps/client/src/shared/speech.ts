// Which language a user is spoken to in, and how numbers are written there. PURE. From the setting and the system's languages to
// `renderer/messages/texts.ts`. Not in `settings.ts`: what loads before the first picture needs none of it.

import { type Language, LANGUAGES, type LanguageWish } from "./languages.ts";

export interface Speech {
  readonly language: Language;
  /** BCP 47: for the page's `lang`. */
  readonly tag: string;
  /** BCP 47: for numbers, sizes and times; the system's own where it fits, as "de-CH". */
  readonly locale: string;
}

export const ENGLISH: Speech = { language: "en", tag: "en", locale: "en" };

/** `preferred`: the system's languages, best first, as `navigator.languages` has them. */
export function chooseSpeech(wish: LanguageWish, preferred: readonly string[]): Speech {
  const known = preferred.flatMap((locale) => {
    const language = languageOf(locale);
    return language === undefined ? [] : [{ language, locale }];
  });
  const language = wish === "auto" ? (known[0]?.language ?? ENGLISH.language) : wish;
  // Written here in simplified characters alone: numbers go with them.
  if (language === "zh") return { language, tag: "zh-Hans", locale: "zh-Hans" };
  return { language, tag: language, locale: known.find((one) => one.language === language)?.locale ?? language };
}

function languageOf(locale: string): Language | undefined {
  const [primary] = locale.toLowerCase().split("-");
  return LANGUAGES.find((language) => language === primary);
}
