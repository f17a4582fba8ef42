// The few words that the shell itself shows, in the user's language. PURE. TABLE, complete by its type; the page's are `renderer/messages`. Asked by `main.ts` for
// the tray.

import type { Language, LanguageWish } from "../shared/languages.ts";
import { chooseSpeech } from "../shared/speech.ts";
import type { TrayWords } from "./tray-menu.ts";

const WORDS: Readonly<Record<Language, TrayWords>> = {
  en: { home: "All desktops", quit: "Quit Eglantine" },
  de: { home: "Alle Desktops", quit: "Eglantine beenden" },
  es: { home: "Todos los escritorios", quit: "Salir de Eglantine" },
  fr: { home: "Tous les bureaux", quit: "Quitter Eglantine" },
  ja: { home: "すべてのデスクトップ", quit: "Eglantine を終了" },
  zh: { home: "所有桌面", quit: "退出 Eglantine" },
};

/** `preferred`: the system's languages, best first. */
export function trayWords(wish: LanguageWish, preferred: readonly string[]): TrayWords {
  return WORDS[chooseSpeech(wish, preferred).language];
}
