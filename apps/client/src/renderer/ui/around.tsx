// A sentence of the catalogue around something that is more than text: keys, a name in bold. The sentence is filled in with `HERE` where that
// stands, since languages put it in different places.

import type { ReactNode } from "react";

/** Of the private use area: in no message. */
export const HERE = "\uE000";

export function Around({ text, children }: { readonly text: string; readonly children: ReactNode }) {
  const [before, behind] = text.split(HERE);
  return (
    <>
      {before}
      {children}
      {behind}
    </>
  );
}
