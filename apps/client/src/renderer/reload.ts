// A page that has come only in part: the network broke off meanwhile, or the agent was just replaced by one of another version, which has
// other files. It is loaded again, a few times; then the user is asked to. From `main.ts`.

/** Of sessionStorage: how often it was loaded again since it last came whole. */
const KEY = "eglantine-loaded-again";
const TRIES = 3;
const FIRST_MS = 500;

/** The catalogue may be among what did not come. */
const SENTENCES: Readonly<Record<string, string>> = {
  en: "This page could not be loaded completely. Load it again.",
  de: "Diese Seite konnte nicht vollständig geladen werden. Laden Sie sie neu.",
  es: "Esta página no se ha podido cargar por completo. Vuelva a cargarla.",
  fr: "Cette page n’a pas pu être chargée entièrement. Rechargez-la.",
  ja: "このページを完全に読み込めませんでした。もう一度読み込んでください。",
  zh: "此页面未能完整加载。请重新加载。",
};

/** It has come whole. */
export function forgetReloads(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Storage is switched off: nothing was counted.
  }
}

/** `error`: what was thrown while it was loaded. */
export function loadAgain(error: unknown): void {
  console.error("the page has come only in part", error);
  const tries = countReload();
  if (tries <= TRIES) {
    setTimeout(() => location.reload(), FIRST_MS * 2 ** (tries - 1));
    return;
  }
  forgetReloads();
  const language = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag in SENTENCES) ?? "en";
  const sentence = document.createElement("p");
  sentence.className = "incomplete";
  sentence.lang = language;
  sentence.setAttribute("role", "alert");
  sentence.textContent = SENTENCES[language] ?? "";
  document.body.append(sentence);
}

/** Which one is next, from 1. Where that can't be kept, there is none. */
function countReload(): number {
  try {
    const tries = Number(sessionStorage.getItem(KEY) ?? 0) + 1;
    sessionStorage.setItem(KEY, String(tries));
    return tries;
  } catch {
    return TRIES + 1;
  }
}
