// A page that has come only in part: the network broke off or became another one meanwhile, or the agent was just replaced by one of
// another version, which has other files. It is loaded again, a few times; then the user is asked to. A script of its own, written into
// the page (`vite.config.ts`), so that it runs whatever else does not come; `main.ts` tells it what it can't see.

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

/** Once is enough for one load, whatever else is missing. */
let incomplete = false;

window.eglantineParts = { whole, missing };
window.addEventListener("error", elementFailed, true);

/** Of what stands in the page itself: an element's error does not bubble. */
function elementFailed({ target }: Event): void {
  if (target instanceof HTMLScriptElement) missing(`${target.src} or what it imports`);
  else if (target instanceof HTMLLinkElement && target.rel === "stylesheet") missing(target.href);
}

/** What is fetched from now on is its own affair. */
function whole(): void {
  window.removeEventListener("error", elementFailed, true);
  if (!incomplete) forgetReloads();
}

function forgetReloads(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Storage is switched off: nothing was counted.
  }
}

/** `what`: it, or what was thrown in its place. */
function missing(what: unknown): void {
  if (incomplete) return;
  incomplete = true;
  console.error("the page has come only in part", what);
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
  // A style sheet may fail before the body is there.
  if (document.readyState !== "loading") document.body.append(sentence);
  else document.addEventListener("DOMContentLoaded", () => document.body.append(sentence));
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
