// The languages of the interface: a folder each in `renderer/messages/`. Chosen in `settings.ts`; next: `speech.ts`.

export const LANGUAGES = ["en", "de", "es", "fr", "ja", "zh"] as const;

export type Language = (typeof LANGUAGES)[number];

/** `auto`: the system's, where it is one of these. */
export type LanguageWish = "auto" | Language;
