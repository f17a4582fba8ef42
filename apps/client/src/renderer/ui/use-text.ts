// The catalogue and the user's way to write numbers, in a component: shown anew when the language changes. From `messages/texts.ts`.

import { use } from "react";
import type { Area, Text } from "../messages/areas.ts";
import { type Formats, formatsOf } from "../messages/number-formats.ts";
import { say } from "../messages/say.ts";
import type { Sentence } from "../messages/said.ts";
import { textOf, texts } from "../messages/texts.ts";
import { useStore } from "./use-store.ts";

/** `t("key", { name })`. An area that was not loaded suspends the component until it is. */
export function useText<A extends Area>(area: A): Text<A> {
  useStore(texts.speech);
  // Each time, as React's rule wants it: one that is loaded suspends nothing.
  use(texts.ready(area));
  return textOf(area);
}

export function useFormats(): Formats {
  return formatsOf(useStore(texts.speech).locale);
}

/** For sentences of code outside the interface. */
export function useSay(): (sentence: Sentence) => string {
  useStore(texts.speech);
  return say;
}
