// Speaks the user's language: loads the areas of the catalogue (`areas.ts`) when they are wanted, and changes over without a reload. For React
// `ui/use-text.ts`, elsewhere `textOf`. The first picture waits for none of this: only the interface's chunk imports it.

import { type Messages as Compiled, setupI18n } from "@lingui/core";
import { AREAS, ENGLISH_AT_START, START } from "virtual:messages";
import type { Language } from "../../shared/languages.ts";
import { ENGLISH, type Speech } from "../../shared/speech.ts";
import { Store } from "../store.ts";
import { type Area, START_AREAS, type Text, type Values } from "./areas.ts";

export class Texts {
  readonly speech = new Store<Speech>(ENGLISH);
  /** By "language/area". */
  readonly #messages = new Map<string, Compiled>();
  readonly #loading = new Map<string, Promise<void>>();
  /** By "language/area". */
  readonly #ready = new Map<string, Promise<void>>();
  /** By area, in the language that is spoken. */
  readonly #spoken = new Map<Area, Text<Area>>();

  constructor() {
    this.#takeStart("en", ENGLISH_AT_START);
  }

  /** Undefined: it has to be loaded first. */
  of<A extends Area>(area: A): Text<A> | undefined {
    const known = this.#spoken.get(area);
    if (known !== undefined) return known as Text<A>;
    const { language, tag, locale } = this.speech.get();
    const messages = this.#messages.get(`${language}/${area}`);
    if (messages === undefined) return undefined;
    const i18n = setupI18n({ locale: tag, locales: [locale, tag], messages: { [tag]: messages } });
    const say = (key: string, values?: Values): string => i18n._(key, values);
    this.#spoken.set(area, say);
    return say;
  }

  /** The same one each time, until it rejects; where the area is there already, settled in a way that React sees at once. */
  ready(area: Area): Promise<void> {
    const key = `${this.speech.get().language}/${area}`;
    const known = this.#ready.get(key);
    if (known !== undefined) return known;
    const ready = this.of(area) === undefined ? this.load(area) : settled();
    this.#ready.set(key, ready);
    ready.catch(() => this.#ready.delete(key));
    return ready;
  }

  /** In the language that is spoken. Rejects where the page's server is not reached. */
  load(area: Area): Promise<void> {
    return this.#load(this.speech.get().language, area);
  }

  /** All that is shown goes over at once, when it is there. Rejects where the page's server is not reached. */
  async speak(speech: Speech): Promise<void> {
    const known = new Set([...this.#messages.keys()].map((key) => key.slice(key.indexOf("/") + 1) as Area));
    await Promise.all([...known].map((area) => this.#load(speech.language, area)));
    this.#spoken.clear();
    this.speech.set(speech);
  }

  /** Once each. */
  #load(language: Language, area: Area): Promise<void> {
    const start = START_AREAS.some((one) => one === area);
    const key = start ? language : `${language}/${area}`;
    const known = this.#loading.get(key);
    if (known !== undefined) return known;
    const loading = start ? this.#fetchStart(language) : this.#fetch(key);
    this.#loading.set(key, loading);
    // Who wants it next tries again.
    loading.catch(() => this.#loading.delete(key));
    return loading;
  }

  async #fetchStart(language: Language): Promise<void> {
    const chunk = await START[language]?.();
    if (chunk !== undefined) this.#takeStart(language, chunk.default);
  }

  async #fetch(key: string): Promise<void> {
    const chunk = await AREAS[key]?.();
    if (chunk === undefined) throw new Error(`the catalogue has no ${key}`);
    this.#messages.set(key, chunk.default);
  }

  #takeStart(language: Language, areas: Partial<Record<Area, Compiled>>): void {
    for (const [area, messages] of Object.entries(areas)) this.#messages.set(`${language}/${area}`, messages);
  }
}

/** https://react.dev/reference/react/use: a promise with these fields is not waited for. */
function settled(): Promise<void> {
  return Object.assign(Promise.resolve(), { status: "fulfilled", value: undefined });
}

export const texts = new Texts();

/** Outside React, of an area that has been loaded. */
export function textOf<A extends Area>(area: A): Text<A> {
  const text = texts.of(area);
  if (text === undefined) throw new Error(`the messages of ${area} were not loaded`);
  return text;
}
