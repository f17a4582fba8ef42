// Says what code outside the interface means (`said.ts`), in the language that is spoken. For React `useSay` of `ui/use-text.ts`.

import type { Values } from "./areas.ts";
import type { Sentence } from "./said.ts";
import { textOf } from "./texts.ts";

export function say(sentence: Sentence): string {
  if (typeof sentence === "string") return sentence;
  const { area, key, values } = sentence;
  const filled = Object.entries(values).map(
    ([name, value]) => [name, typeof value === "number" ? value : say(value)] as const,
  );
  // `said` has seen to it that the key is one of the area's.
  const text: (key: never, values?: Values) => string = textOf(area);
  return text(key as never, Object.fromEntries(filled));
}
