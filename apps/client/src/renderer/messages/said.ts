// What code outside the interface has to say to the user: which message, and what is filled in. Said in the user's language by `ui/use-text.ts`
// alone, so that nothing that loads before the first picture carries words. PURE.

import type { MessageKey, START_AREAS } from "./areas.ts";

type StartArea = (typeof START_AREAS)[number];

export interface Said {
  readonly area: StartArea;
  readonly key: string;
  readonly values: Readonly<Record<string, Sentence | number>>;
}

/** A text as it stands is somebody else's: the agent's, the browser's. */
export type Sentence = Said | string;

export function said<A extends StartArea>(area: A, key: MessageKey<A>, values: Said["values"] = {}): Said {
  return { area, key, values };
}

/** For logs, and for the agent's. */
export function logged(sentence: Sentence): string {
  return typeof sentence === "string" ? sentence : sentence.key;
}
